"""Tests of asynclog.central.producer, with a real server."""

import asyncio
import time

import pytest

from asynclog.central.connection import connect
from asynclog.central.event import decode, encode, from_record
from asynclog.central.keys import Keys
from asynclog.central.producer import BATCH_GROUPS, CLOSED, Producer
from asynclog.central.reports import Limits
from asynclog.central.settings import Settings
from asynclog.central.spooling import SpoolDirectory
from asynclog.central.ways import ServerWay
from asynclog.errors import ServerError, SinkError
from asynclog.records import Record

from .accounts import Load, assert_exact, drops, end, held

NOWHERE = "redis://127.0.0.1:1"


@pytest.fixture(name="load")
async def _load(connection):
    load = Load(connection, asyncio.get_running_loop())
    await load.producer.open()
    yield load
    await end(load.producer)


async def come_true(condition):
    """Return when *condition* is true; the time limit of the test is the deadline."""
    while not condition():  # noqa: ASYNC110 - it is about a server
        await asyncio.sleep(0.005)


async def test_what_is_counted_is_reported_by_itself(load, server):
    """Within the interval."""
    load.count(groups=3, repeats=5)
    await come_true(lambda: not load.statistics.waiting)

    assert held(server.client, load.keys) == (15, 0)
    assert load.statistics.acknowledged == load.statistics.produced == 15


async def test_a_flush_returns_when_the_server_has_everything(load, server):
    """Also thousands of groups, which are several batches."""
    load.count(groups=2500, repeats=2)
    await load.producer.flush()

    assert_exact(server.client, load.keys, 5000)


async def test_nothing_is_sent_while_nothing_is_counted(load, server):
    """A silent program costs nothing."""
    load.count()
    await come_true(lambda: not load.statistics.waiting)
    before = server.client.info("commandstats")["cmdstat_evalsha"]["calls"]
    await load.producer.flush()

    assert server.client.info("commandstats")["cmdstat_evalsha"]["calls"] == before


async def test_a_flush_fails_at_once_when_the_server_is_down():
    """And keeps what it could not report."""
    load = Load(connect(NOWHERE), asyncio.get_running_loop())
    await load.producer.open()
    load.count(repeats=3)

    with pytest.raises(SinkError, match="3 events not reported: "):
        await load.producer.flush()
    assert (load.statistics.waiting, load.statistics.dropped) == (3, {})
    assert "127.0.0.1:1" in load.statistics.last_error
    await end(load.producer)


async def test_what_is_left_at_the_end_is_counted_as_dropped(capsys):
    """By level, and told."""
    load = Load(connect(NOWHERE), asyncio.get_running_loop())
    await load.producer.open()
    load.count(groups=2, repeats=3, level=30)
    await end(load.producer)

    assert load.statistics.dropped == {f"{CLOSED}:30": 6}
    assert (load.statistics.produced, load.statistics.waiting) == (6, 0)
    assert "6 events not reported when it was closed" in capsys.readouterr().err


async def test_memory_is_bounded_while_the_server_is_down(server, scripts):
    """Low levels fold first, and the account stays exact when it is back."""
    load = Load(connect(NOWHERE), asyncio.get_running_loop(), max_groups=10)
    await load.producer.open()
    load.count(groups=8, level=10)
    load.count(groups=8, level=40)
    assert load.statistics.fullness == 1
    assert load.statistics.folded == {"folded_producer:10": 6}
    load.producer._way._scripts = scripts
    await load.producer.flush()

    assert_exact(server.client, load.keys, 16)
    assert drops(server.client, load.keys, "folded_producer:10") == 6
    await end(load.producer)


async def test_the_caps_of_the_server_are_told_back(connection, server):
    """As a signal to log less."""
    load = Load(connection, asyncio.get_running_loop(), limits=Limits(groups=4))
    await load.producer.open()
    load.count(groups=6, repeats=2)
    await load.producer.flush()

    assert held(server.client, load.keys) == (8, 4)
    assert load.statistics.fullness >= 1
    assert_exact(server.client, load.keys, 12)
    await end(load.producer)


async def test_seconds_over_the_cap_are_dropped_and_counted(connection, server):
    """Exactly."""
    load = Load(connection, asyncio.get_running_loop(), limits=Limits(seconds=2))
    await load.producer.open()
    for second in range(5):
        load.count(repeats=3, second=1_700_000_000 + second)
    await load.producer.flush()

    assert drops(server.client, load.keys, "dropped_server") == 9
    assert_exact(server.client, load.keys, 15)
    await end(load.producer)


async def test_data_that_the_server_lost_is_sent_again(load, server):
    """When the next batch finds the stream unknown."""
    for _ in range(3):
        load.count(repeats=2)
        await load.producer.flush()
    server.client.flushall()
    load.count()
    await load.producer.flush()

    assert_exact(server.client, load.keys, 7)


async def test_a_silent_producer_notices_that_the_server_lost_data(connection, server):
    """By asking once, after the horizon."""
    load = Load(connection, asyncio.get_running_loop(), horizon=0.05)
    await load.producer.open()
    load.count(repeats=2)
    await load.producer.flush()
    server.client.flushall()
    await come_true(lambda: server.client.exists(load.keys.state))

    assert_exact(server.client, load.keys, 2)
    await end(load.producer)


async def test_a_worker_that_is_cancelled_begins_anew(load, server):
    """Whoever cancels all tasks of a loop loses nothing by it."""
    for _ in range(20):
        load.count(groups=50)
        await asyncio.sleep(0.002)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
    await load.producer.flush()

    assert_exact(server.client, load.keys, 1000)


def numbered(producer):
    """Return how many batches there were."""
    return producer._own.batches._next - 1


@pytest.mark.parametrize("steps", range(8))
async def test_a_worker_that_is_cancelled_at_any_step_counts_nothing_twice(
    connection, server, tmp_path, steps
):
    """Also one that numbers what its spool has as it came, and is never seen again."""
    loop = asyncio.get_running_loop()
    load = Load(connection, loop, spools=SpoolDirectory(tmp_path, "load-0-"))
    await load.producer.open()
    load.count(groups=4 * BATCH_GROUPS)
    load.producer.spool.delta(load.producer.epoch, load.producer.counting.snapshot())
    flushing = asyncio.ensure_future(load.producer.flush())
    while numbered(load.producer) + load.statistics.acknowledged // BATCH_GROUPS < steps:  # noqa: ASYNC110 - at the very step
        await asyncio.sleep(0)
    await load.producer._worker.stop()
    flushing.cancel()
    await load.producer.spool.close(remove=False)
    heir = Load(connection, loop, spools=SpoolDirectory(tmp_path, "load-0-"))
    await heir.producer.open()
    await heir.producer.flush()

    assert_exact(server.client, load.keys, 4 * BATCH_GROUPS)
    await end(heir.producer)


class Astray(ServerWay):
    """The way to a server whose clock is *seconds* ahead."""

    def __init__(self, connection, keys, seconds):
        super().__init__(connection, keys, Settings().limits)
        self._seconds = seconds

    async def time_ns(self):
        """Return its time."""
        return await super().time_ns() + self._seconds * 1_000_000_000


@pytest.mark.parametrize("spooled", [False, True])
@pytest.mark.parametrize("seconds", [-5, 0, 7])
async def test_events_have_the_server_s_time(connection, server, tmp_path, seconds, spooled):
    """Also those that were counted before it was known."""
    keys = Keys("clock", 0)
    loop = asyncio.get_running_loop()
    spools = SpoolDirectory(tmp_path, "clock-0-") if spooled else None
    way = Astray(connection, keys, seconds)
    producer = Producer(way, Settings(), loop, spools=spools, time_ns=time.time_ns)
    payload = encode(from_record(Record(time.time_ns(), 40, "a", "m"), "g"))
    second = time.time_ns() // 1_000_000_000
    producer.counting.add(second, 40, "g", payload)
    producer.fed()
    await producer.open()
    await producer.flush()

    (name,) = server.client.keys(f"{keys.prefix}ev:*")
    moved = decode(server.client.hget(name, "g")).time_ns - decode(payload).time_ns
    # An answer may take its time; the others are seconds away.
    assert abs(moved - seconds * 1_000_000_000) < 2_000_000_000
    assert abs(producer.skew_ns - seconds * 1_000_000_000) < 2_000_000_000
    await end(producer)


async def test_a_fault_of_our_own_is_tried_again(load, server, capsys, monkeypatch):
    """And never raises into the application."""
    with monkeypatch.context() as patch:
        patch.setattr(load.producer, "_round", _broken)
        load.count()
        with pytest.raises(SinkError, match="ZeroDivisionError"):
            await load.producer.flush()
    await load.producer.flush()

    assert_exact(server.client, load.keys, 1)
    assert capsys.readouterr().err.count("\n") == 2


async def _broken():
    raise ZeroDivisionError


@pytest.mark.parametrize("code", ["LOADING", "READONLY", "OOM", "MISCONF", "CLUSTERDOWN", "NOAUTH"])
async def test_whatever_the_server_refuses_is_tried_again(load, server, monkeypatch, code):
    """Told once, until it takes it."""
    scripts = load.producer._way._scripts
    with monkeypatch.context() as patch:
        patch.setattr(scripts, "report", _refusing(code))
        load.count()
        with pytest.raises(SinkError, match=code):
            await load.producer.flush()
    await load.producer.flush()

    assert load.statistics.last_error is None
    assert_exact(server.client, load.keys, 1)


def _refusing(code):
    async def report(keys, arguments):
        raise ServerError(code, f"{code} not now")

    return report
