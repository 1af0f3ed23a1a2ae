"""Tests of asynclog.central.log, with a real server."""

import asyncio
import time
from contextlib import suppress

import pytest

from asynclog.central import CentralLog, Event
from asynclog.central.keys import OVER, Keys
from asynclog.errors import ServerError

KEYS = Keys("asynclog", 0)
AT_ONCE = {"horizon": 0, "grace": 0, "flush_interval": 0.01}
SECOND = 1_000_000_000


def event(group="g", *, ago=10, repeats=1):
    """Return an event of so many seconds ago."""
    now = time.time_ns() - ago * SECOND
    return Event(now, repeats, f"text of {group}", None, 40, "db", "", None, None, group)


async def test_what_is_reported_can_be_taken(server):
    """With its repeats, in order of time."""
    async with CentralLog(server.url, **AT_ONCE) as central:
        await central.report(event("new", ago=5))
        for _ in range(3):
            await central.report(event("old", ago=9))
        await central.report(event("old", ago=9, repeats=2))
        await central.flush()

        found = [await central.get_event() for _ in range(2)]
    assert [(one.fingerprint, one.repeats) for one in found] == [("old", 5), ("new", 1)]


@pytest.mark.parametrize("group", ["", "\udc80", "a\0b", "~b", OVER, "x" * 1000, 5, None])
async def test_any_name_of_a_group_is_counted(server, group):
    """One that the server could not hold must not stand in the way of others."""
    async with CentralLog(server.url, **AT_ONCE) as central:
        await central.report(event(group))
        await central.report(event("beside"))
        await central.flush()
        (batch,) = [await anext(central.batches())]

    assert len(batch.events) == 2
    assert (batch.dead, batch.folded) == ((), 0)


@pytest.mark.parametrize("repeats", [0, -1, 1 << 60, float("nan")])
async def test_a_count_that_is_none_is_refused(server, repeats):
    """By the call, for the server would refuse it over and over."""
    async with CentralLog(server.url) as central:
        with pytest.raises(ValueError, match=r"repeats: expected 1 to 1,099,511,627,776, got "):
            await central.report(event(repeats=repeats))


async def test_a_batch_is_finished_when_the_next_one_is_asked_for(server):
    """Not before: whoever dies with it has not had it."""
    async with CentralLog(server.url, **AT_ONCE) as central:
        await central.report(event("one", ago=9))
        await central.report(event("two", ago=5))
        await central.flush()
        async for batch in central.batches():
            if batch.events[0].fingerprint == "two":
                break

        assert server.client.zcard(KEYS.claims) == 1
        assert server.client.hget(KEYS.state, "out") == b"1"


async def test_what_was_not_finished_goes_to_another(server):
    """When its lease is over."""
    async with CentralLog(server.url, **AT_ONCE, lease=0.05) as one:
        await one.report(event())
        await one.flush()
        await one.get_event()
        async with CentralLog(server.url, **AT_ONCE) as other:
            assert (await other.get_event()).fingerprint == "g"


async def test_a_batch_is_handed_out_after_the_horizon(server):
    """A crash of the server could undo its claim until then."""
    async with CentralLog(server.url, horizon=0.2, grace=0, flush_interval=0.01) as central:
        await central.report(event())
        await central.flush()
        start = asyncio.get_running_loop().time()
        await central.get_event()

    assert asyncio.get_running_loop().time() - start >= 0.19


async def test_folded_events_and_strangers_come_with_the_batch(server):
    """Their numbers, and what is no event."""
    async with CentralLog(server.url, **AT_ONCE) as central:
        await central.report(event("g", ago=9))
        await central.flush()
        (name,) = server.client.keys(f"{KEYS.prefix}ev:*")
        server.client.zadd(name.replace(b"ev:", b"ts:"), {OVER: 7, "strange": 2, "bare": 3})
        server.client.hset(name, "strange", "no event")
        batch = await anext(central.batches())

    assert batch.folded == 7
    assert [(one.group, one.repeats) for one in batch.dead] == [("strange", 2)]
    assert sorted((one.fingerprint, one.repeats) for one in batch.events) == [("bare", 3), ("g", 1)]


async def test_a_server_that_is_away_is_an_error_to_whoever_takes():
    """But not to whoever reports."""
    async with CentralLog("redis://127.0.0.1:1", **AT_ONCE) as central:
        await central.report(event())
        for _ in range(2):
            with pytest.raises(ServerError):
                await central.get_event()

    assert central.statistics().dropped == 1


async def test_who_asks_with_a_timeout_loses_nothing(server):
    """Though what was claimed must grow older than the timeout before it is handed out."""
    async with CentralLog(server.url, **{**AT_ONCE, "horizon": 0.5}) as central:
        await central.report(event("one"))
        await central.flush()
        found = None
        while found is None:
            with suppress(TimeoutError):
                found = await asyncio.wait_for(central.get_event(), 0.05)

    assert found.fingerprint == "one"


async def test_several_tasks_may_ask_for_events(server):
    """Each gets one that no other has."""
    async with CentralLog(server.url, **AT_ONCE) as central:
        asking = [asyncio.ensure_future(central.get_event()) for _ in range(3)]
        for number in range(3):
            await central.report(event(f"g{number}", ago=9 - number))
        found = await asyncio.gather(*asking)

    assert {one.fingerprint for one in found} == {"g0", "g1", "g2"}


async def test_closing_ends_what_waits_for_events(server):
    """No task is left behind."""
    before = asyncio.all_tasks()
    async with CentralLog(server.url, **AT_ONCE) as central:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(central.get_event(), 0.05)

    assert asyncio.all_tasks() == before
