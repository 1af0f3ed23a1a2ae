"""A forked child reports what is its own, and nothing of its parent."""

import asyncio
import os
import signal

import pytest

from asynclog.central import CentralLog
from asynclog.central.keys import Keys
from asynclog.errors import LoggerClosed, LoggerNotOpen
from tests.central.accounts import assert_exact, held

KEYS = Keys("asynclog", 0)

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def in_child(work):
    """Run the coroutine function *work* in a forked child, on a loop of its own."""
    if (child := os.fork()) == 0:
        signal.alarm(20)
        status = 1
        try:
            asyncio.run(work())
            status = 0
        finally:
            os._exit(status)
    return child


async def ended(child):
    """Return the exit code of *child*."""
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize("spooled", [False, True])
async def test_parent_and_child_report_each_event_once(server, tmp_path, spooled):
    """The child does not have what the parent has counted, and its batches have numbers of their own."""
    spool = tmp_path if spooled else None
    async with CentralLog(server.url, flush_interval=0.02, spool=spool) as central:
        sender = central.sender_with_label("a")
        for _ in range(5):
            await sender.error("in the parent")
        await central.flush()
        await sender.error("not reported at the fork")

        async def work():
            for _ in range(7):
                await sender.error("in the parent")  # of a group that is remembered
            await central.aclose()

        assert await ended(in_child(work)) == 0
        await sender.error("in the parent")
        await central.flush()
        assert central.statistics().acknowledged == 7

    assert_exact(server.client, KEYS, 14)


async def test_a_child_that_is_killed_leaves_its_events_in_a_spool(server, tmp_path):
    """What the call returned for is found by the next producer."""
    async with CentralLog("redis://127.0.0.1:1", spool=tmp_path) as central:

        async def work():
            await central.sender_with_label("a").error("in the child")
            os.kill(os.getpid(), signal.SIGKILL)

        assert await ended(in_child(work)) == -signal.SIGKILL
    async with CentralLog(server.url, spool=tmp_path) as central:
        await central.flush()

    assert held(server.client, KEYS) == (1, 0)


async def test_a_child_that_takes_events_is_another_owner(server):
    """What the parent has taken, and not finished, stays with it."""
    options = {"horizon": 0, "grace": 0, "flush_interval": 0.02}
    async with CentralLog(server.url, **options) as central:
        await central.sender_with_label("a").error("one")
        await central.flush()
        await central.get_event()

        async def work():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await central.get_event()
            await central.aclose()

        assert await ended(in_child(work)) == 0
        assert server.client.zcard(KEYS.claims) == 1


async def test_events_before_and_after_are_refused():
    """With the errors of any sender."""
    central = CentralLog("redis://127.0.0.1:1")
    sender = central.sender_with_label("a")
    with pytest.raises(LoggerNotOpen):
        sender.error("too early")
    await central.aclose()
    with pytest.raises(LoggerClosed):
        sender.error("too late")
