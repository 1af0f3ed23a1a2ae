"""The sender without a buffer."""

import asyncio
import subprocess
import sys
import threading

import pytest

from asynclog import Handler, LoggerClosed, UnbufferedLogLineSender, unbuffered
from asynclog.errors import LoggerNotOpen
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, ScriptedSink

pytestmark = pytest.mark.virtual


async def test_awaited_the_line_is_in_the_sink():
    """When the call returns, the line is where it should go."""
    sink = MemorySink()
    async with UnbufferedLogLineSender("ct/100", Handler(sink)) as sender:
        await sender.info("one")

        assert [r.message for r in sink.records] == ["one"]


async def test_a_line_may_come_from_a_bridge():
    """With what other libraries call a line, taken apart."""
    sink = MemorySink()
    async with UnbufferedLogLineSender("a", Handler(sink)) as sender:
        await sender.take(20, "x", {"n": 1})
    assert sink.records[0].attributes == {"n": 1}


async def test_not_awaited_the_line_goes_out_too():
    """A call from plain code is written as well."""
    sink = MemorySink()
    async with UnbufferedLogLineSender("x", Handler(sink)) as sender:
        sender.info("one")
        await sender.flush()

        assert [r.message for r in sink.records] == ["one"]


async def test_bound_attributes():
    """A bound sender shares the handlers."""
    sink = MemorySink()
    async with UnbufferedLogLineSender("x", Handler(sink)) as sender:
        await sender.bind(a=1).info("one", b=2)

    assert sink.records[0].attributes == {"b": 2, "a": 1}


async def test_a_failing_sink_does_not_reach_the_caller():
    """A sink's fault is not the caller's; the line is written when the sink works again."""
    sink = ScriptedSink([Fail()])
    async with UnbufferedLogLineSender("x", Handler(sink)) as sender:
        await sender.info("one")
        statistics = await sender.aclose()

    assert [r.message for r in sink.records] == ["one"]
    assert (1, 1) == (statistics.accepted, statistics.emitted)


async def test_closing_with_a_hung_sink_ends_and_counts():
    """What a sink does not take in time is counted as dropped."""
    sender = UnbufferedLogLineSender("x", Handler(ScriptedSink([Hang()])))
    sender.info("one")
    statistics = await sender.aclose()

    assert {"not written when the logger closed": 1} == statistics.dropped_by_cause


async def test_a_line_after_close_is_refused():
    """A closed sender says so."""
    sender = UnbufferedLogLineSender("x", Handler(MemorySink()))
    await sender.aclose()

    with pytest.raises(LoggerClosed, match="the sender is closed"):
        sender.info("late")


def test_without_a_loop_a_line_is_refused():
    """A sender that has never had a loop needs one."""
    with pytest.raises(LoggerNotOpen, match="event loop"):
        UnbufferedLogLineSender("x", Handler(MemorySink())).info("early")


def test_two_loops_one_after_the_other():
    """The sender goes on with the next loop; what the first has left is written."""
    sink = MemorySink()
    sender = UnbufferedLogLineSender("x", Handler(sink))

    async def log(text):
        sender.info(text)

    asyncio.run(log("one"))
    asyncio.run(log("two"))
    asyncio.run(sender.aclose())

    assert [r.message for r in sink.records] == ["one", "two"]


def test_a_line_from_another_thread():
    """A thread's line arrives, and its origin is that thread."""
    sink = MemorySink()

    async def main():
        async with UnbufferedLogLineSender("x", Handler(sink)) as sender:
            await sender.info("one")
            await asyncio.to_thread(lambda: sender.info("two") and None)
            await sender.flush()

    asyncio.run(main())

    assert sink.records[0].origin.thread_id != sink.records[1].origin.thread_id


async def test_a_line_of_a_thread_is_taken_in_by_closing():
    """It was sent before, though the loop has had no turn to take it."""
    sink = MemorySink()
    sender = UnbufferedLogLineSender("x", Handler(sink))
    await sender.info("one")
    thread = threading.Thread(target=sender.info, args=("two",))
    thread.start()
    thread.join()
    statistics = await sender.aclose()

    assert ["one", "two"] == [r.message for r in sink.records]
    assert (2, 2) == (statistics.accepted, statistics.emitted)


async def test_a_line_of_a_thread_is_flushed():
    """A flush means lines of all threads."""
    sink = MemorySink()
    async with UnbufferedLogLineSender("x", Handler(sink)) as sender:
        await sender.info("one")
        thread = threading.Thread(target=sender.info, args=("two",))
        thread.start()
        thread.join()
        await sender.flush()

        assert ["one", "two"] == [r.message for r in sink.records]


async def test_awaited_after_closing_it_returns():
    """There is nothing left to wait for."""
    sink = MemorySink()
    sender = UnbufferedLogLineSender("x", Handler(sink))
    written = sender.info("one")
    await sender.aclose()
    await written

    assert ["one"] == [r.message for r in sink.records]


async def test_awaited_while_closing_it_returns_with_the_end():
    """Whether it began to wait before or after, and though the sink hangs."""
    sender = UnbufferedLogLineSender("x", Handler(ScriptedSink([Hang()])))
    before = asyncio.ensure_future(_outcome(sender.info("one")))
    await asyncio.sleep(0)
    after = sender.info("two")
    closing = asyncio.create_task(sender.aclose())
    await asyncio.sleep(0)
    await after
    await before

    assert 2 == (await closing).dropped


async def test_cancelled_closing_closes_the_sinks():
    """The lines are in the account, and the caller is cancelled after that."""
    sink = ScriptedSink([Delay(1)])
    sender = UnbufferedLogLineSender("x", Handler(sink))
    sender.info("one")
    closing = asyncio.create_task(sender.aclose())
    await asyncio.sleep(0.5)
    closing.cancel()
    await asyncio.wait([closing])
    statistics = await sender.aclose()

    assert (True, 1) == (closing.cancelled(), sink.closed)
    assert (1, 1, 0) == (statistics.accepted, statistics.emitted, statistics.buffered)


async def test_closed_by_two_both_wait_for_the_end():
    """The second has the same account as the first."""
    sink = ScriptedSink([Delay(1)])
    sender = UnbufferedLogLineSender("x", Handler(sink))
    sender.info("one")
    accounts = await asyncio.gather(sender.aclose(), sender.aclose())

    assert [1, 1] == [one.emitted for one in accounts]
    assert sink.closed == 1


def test_a_closing_that_its_loop_did_not_finish_says_what_is_left():
    """Accepted is still emitted, dropped and buffered."""
    sender = UnbufferedLogLineSender("x", Handler(ScriptedSink([Hang()])))

    async def leave():
        sender.info("one")
        asyncio.create_task(sender.aclose())  # noqa: RUF006 - the end of the loop cancels it
        await asyncio.sleep(0)

    asyncio.run(leave())
    account = asyncio.run(sender.aclose())

    assert account.accepted == account.emitted + account.dropped + account.buffered == 1


@pytest.mark.parametrize("close", [False, True])
def test_it_is_flushed_and_closed_from_another_loop(close):
    """What another thread waits for happens where the lines are."""
    sink = ScriptedSink([Delay(0.01)])
    sender = UnbufferedLogLineSender("x", Handler(sink))

    async def elsewhere():
        sender.info("two")
        await (sender.aclose() if close else sender.flush())
        return [record.message for record in sink.records], sink.closed

    async def main():
        sender.info("one")
        found = await asyncio.to_thread(asyncio.run, elsewhere())
        return found, (await sender.aclose()).emitted

    assert asyncio.run(main()) == ((["one", "two"], close), 2)


async def test_disowned_it_writes_nothing_more_of_the_parent():
    """The loop may go on in a forked child; lines of its own are written when the call returns."""
    sink = ScriptedSink([Delay(1)])
    sender = UnbufferedLogLineSender("x", Handler(sink))
    sender.info("one")
    sender._direct.disown()
    await asyncio.sleep(5)
    assert not sink.records
    sender.info("two")
    assert [record.message for record in sink.records] == ["two"]
    with pytest.raises(LoggerClosed, match="belongs to the parent process"):
        await sender.flush()


def test_it_is_not_flushed_where_its_loop_does_not_run():
    """Nobody would answer."""
    loop = asyncio.new_event_loop()
    sender = UnbufferedLogLineSender("x", Handler(MemorySink()))
    loop.run_until_complete(_log(sender))
    with pytest.raises(LoggerClosed, match="does not run any more"):
        asyncio.run(sender.flush())
    loop.run_until_complete(sender.aclose())
    loop.close()


async def test_a_heavy_line_is_dropped_where_it_does_not_fit():
    """As in a logger."""
    sink = ScriptedSink([Hang()])
    async with UnbufferedLogLineSender("x", Handler(sink)) as sender:
        sender.info("one")
        sender.info("x" * 1024 * unbuffered.CAPACITY)
        await asyncio.sleep(0)
        sink.release()
    assert (await sender.aclose()).dropped_by_cause == {"queue full": 1}


async def _log(sender):
    await sender.info("one")


async def _outcome(awaitable):
    return await awaitable


def test_never_closed_it_is_written_at_exit():
    """When the interpreter ends, what is left is written."""
    code = (
        "import asyncio\n"
        "from asynclog import UnbufferedLogLineSender\n"
        "sender = UnbufferedLogLineSender('x')\n"
        "async def main():\n"
        "    for i in range(5): sender.info(f'line {i}')\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-X", "dev", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert [f"line {i}" for i in range(5)] == [
        x.partition("]: ")[2] for x in done.stderr.splitlines()
    ]
