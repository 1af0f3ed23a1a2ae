"""Virtual time."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.testing import Deadlock, VirtualLoop, run
from asynclog.testing.virtual import START_SECONDS


@pytest.fixture(name="watch", autouse=True)
def _watch():
    """Tell that no test here waits for the real time."""
    before = time.monotonic()
    yield
    assert time.monotonic() - before < 30  # a busy machine needs some


def test_waiting_takes_no_time():
    """A day goes by in a moment, and by exactly a day."""

    async def main():
        before = asyncio.get_running_loop().time()
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time() - before

    assert run(main()) == 86_400


@given(delays=st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_timers_fire_in_the_order_of_their_times(delays):
    """Each at its own."""
    fired = []

    async def main():
        loop = asyncio.get_running_loop()
        for delay in delays:
            loop.call_later(delay, lambda delay=delay: fired.append((loop.time(), delay)))
        await asyncio.sleep(max(delays) + 1)

    run(main())
    assert [delay for _, delay in fired] == sorted(delays)
    assert all(abs(now - START_SECONDS - delay) < 1e-6 for now, delay in fired)


def test_a_timeout_runs_out_at_its_moment():
    """As on any loop."""

    async def main():
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.Event().wait()
        return loop.time()

    assert run(main()) == START_SECONDS + 5


def test_it_is_a_clock_for_records_too():
    """Of the same time."""

    async def main():
        await asyncio.sleep(1.5)
        return asyncio.get_running_loop().time_ns()

    assert run(main()) == (START_SECONDS + 1.5) * 1_000_000_000


def test_what_is_ready_goes_first():
    """Time stands still while there is work."""

    async def main():
        loop = asyncio.get_running_loop()
        for _ in range(100):
            await asyncio.sleep(0)
        return loop.time()

    assert run(main()) == START_SECONDS


async def forever():
    """Wait for what never comes."""
    await asyncio.Event().wait()


def test_a_deadlock_is_told_with_who_waits_and_where():
    """Instead of hanging."""

    async def main():
        task = asyncio.create_task(forever(), name="the other")
        await task

    with pytest.raises(Deadlock) as raised:
        run(main())
    first, main_line, other_line = str(raised.value).split("\n  ")
    assert first == "nothing can happen any more; waiting:"
    assert "test_a_deadlock_is_told_with_who_waits_and_where.<locals>.main:" in main_line
    assert other_line.startswith("the other: forever:")
    assert " > Event.wait:" in other_line


def test_after_a_deadlock_nothing_is_left(recwarn):
    """Tasks are cancelled, as after any error."""
    ended = []

    async def main():
        try:
            await forever()
        finally:
            ended.append("main")

    with pytest.raises(Deadlock):
        run(main())
    assert ended == ["main"]
    assert not recwarn.list


def test_sockets_are_served():
    """Only time is simulated."""

    async def main():
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        theirs.sendall(b"hello\n")
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        theirs.close()
        return line

    assert run(main()) == b"hello\n"


def test_a_thread_that_is_known_of_is_waited_for():
    """In real time, and the clock stands still meanwhile."""

    async def main():
        loop = asyncio.get_running_loop()
        loop.threads_at_work += 1
        done, gate = asyncio.Event(), threading.Event()
        thread = threading.Thread(
            target=lambda: gate.wait(5) and loop.call_soon_threadsafe(done.set)
        )
        thread.start()
        loop.call_later(3600, done.set)
        gate.set()
        await done.wait()
        thread.join()
        loop.threads_at_work -= 1
        return loop.time()

    assert run(main()) == START_SECONDS


@pytest.mark.parametrize("debug", [False, True])
def test_debug_mode_can_be_had(debug):
    """It is asyncio's own."""

    async def main():
        return asyncio.get_running_loop().get_debug()

    assert run(main(), debug=debug) is debug


def test_an_error_goes_to_the_caller():
    """As with asyncio.run."""

    async def main():
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        run(main())


@pytest.mark.virtual
async def test_a_test_can_be_marked_to_run_on_it():
    """So that sleeping costs nothing."""
    assert isinstance(asyncio.get_running_loop(), VirtualLoop)
    await asyncio.sleep(3600)
