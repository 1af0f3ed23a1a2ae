"""A handler at work."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog.buffers import Overflow
from asynclog.errors import SinkError
from asynclog.handlers import Filtered, Handler, lane
from asynclog.handlers.backlog import MAX_BATCH
from asynclog.handlers.barrier import SWEEP_AT, Barrier
from asynclog.handlers.common import Common
from asynclog.handlers.lane import CHUNK, FIRST_CHUNK, Lane
from asynclog.handlers.outlet import HIGH_WATER
from asynclog.ledger import Cause, Ledger, SealedBatch
from asynclog.testing import Delay, Fail, Hang, ManualClock, ScriptedSink, run

from ..making import HostileError, record
from .feeding import CAPACITY, cancel_others, others, reasons, turns

pytestmark = pytest.mark.virtual


FULL = Cause.HANDLER_FULL.value


class Plain:
    """Prints the message; fails where it is told to."""

    def __init__(self, fault=None):
        self.fault = fault
        self.batches = []

    def format(self, one):
        """Return the message."""
        return one.message

    def format_batch(self, some):
        """Return the messages."""
        if self.fault is not None:
            raise self.fault
        self.batches.append(len(some))
        return [one.message for one in some]


class Road:
    """Offers batches and flushes to the lane of one handler, and keeps the account."""

    def __init__(self, *sinks, formatter=None, alone=True, **options):
        self.sinks = sinks
        self.alone = alone
        self.ledger = Ledger(CAPACITY)
        self.formatter = formatter or Plain()
        handler = Handler(*sinks, formatter=self.formatter, **options)
        self.common = Common(asyncio.get_running_loop(), self.ledger, ManualClock().time_ns)
        self.lane = Lane(handler, self.common)

    def batch(self, *messages, level=20):
        """Offer a batch, and return it."""
        some = [one if not isinstance(one, str) else record(one, level=level) for one in messages]
        for one in some:
            self.ledger.admit(one)
        sealed = SealedBatch(some, self.ledger, len(self.sinks))
        self.lane.offer(sealed)
        return sealed

    def flush(self, **options):
        """Offer a flush, and return a task that waits for it."""
        loop, outlets = asyncio.get_running_loop(), frozenset(self.lane.outlets)
        barrier = Barrier(loop, [self.lane], outlets, **options)
        barrier.send()
        self.barrier = barrier
        return asyncio.create_task(reasons(barrier))

    @property
    def lost(self):
        """Return how many lines were dropped, by cause."""
        return self.ledger.statistics(0).dropped_by_cause

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, traceback):
        await self.lane.stop()
        self.lane.abandon()
        for outlet in self.lane.outlets:
            await outlet.stop(1)
            outlet.abandon()
        if error is None:
            self.check()

    def check(self):
        """Find nothing left, and the account right."""
        assert (self.lane.lines, self.lane.backlog) == (0, 0)
        assert self.ledger.accepted == self.ledger.emitted + self.ledger.dropped
        assert not (self.alone and others())


def own(sink):
    """Return the lines of *sink*, without announcements."""
    return [line for line in sink.lines if "dropped" not in line]


def numbers(count, start=0):
    """Return *count* messages, in order."""
    return [f"{i:05}" for i in range(start, start + count)]


# -- on the way -----------------------------------------------------------------------------------


async def test_lines_go_to_every_sink_in_order():
    """Each of them is emitted once, whichever sink is faster."""
    fast, slow = ScriptedSink(), ScriptedSink([Delay(1)])
    async with Road(fast, slow) as road:
        road.batch("a", "b")
        road.batch("c")
        await road.flush()
        assert fast.lines == slow.lines == ["a", "b", "c"]
        assert road.ledger.emitted == 3


async def test_a_sink_that_fails_or_hangs_delays_no_other():
    """It has a task of its own."""
    well, failing, hanging = ScriptedSink(), ScriptedSink([Fail()] * 99), ScriptedSink([Hang()])
    async with Road(failing, hanging, well) as road:
        road.batch("a", "b")
        await turns(5)
        assert well.lines == ["a", "b"]


async def test_a_level_keeps_lines_from_it_up():
    """The others are dropped on purpose, and counted as such."""
    sink = ScriptedSink()
    async with Road(sink, level=30) as road:
        road.batch(*(record(str(level), level=level) for level in (10, 20, 30, 40, 20)))
        await road.flush()
        assert sink.lines == ["30", "40"]
        assert road.lost == {"rejected by filters": 3}


async def test_a_filter_keeps_what_it_says():
    """It is asked only for lines that the level keeps; any true value will do."""
    asked, sinks = [], (ScriptedSink(), ScriptedSink())
    keep = lambda one: asked.append(one.message) or one.message in "ac" and [1]  # noqa: E731, RUF021
    async with Road(*sinks, filter=keep, level=20) as road:
        road.batch("a", "b", "c", record("d", level=10))
        await road.flush()
        assert asked == ["a", "b", "c"]
        assert [sink.lines for sink in sinks] == [["a", "c"], ["a", "c"]]
        assert road.lost == {"rejected by filters": 2}


@pytest.mark.parametrize("error", [ZeroDivisionError(), HostileError()])
async def test_a_filter_that_fails_keeps_the_line_and_is_told_of_once(error, capsys):
    """Its fault loses nothing."""

    def failing(one):
        raise error

    sink = ScriptedSink()
    async with Road(sink, filter=failing) as road:
        road.batch("a", "b")
        await road.flush()
        assert sink.lines == ["a", "b"]
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith("asynclog: a filter of Handler(MemorySink(0 lines)) failed: ")


@pytest.mark.parametrize("where", ["filter", "formatter"])
def test_ctrl_c_in_foreign_code_loses_no_line(where):
    """What was not written yet is still here."""
    roads = []

    def interrupted(one):
        raise KeyboardInterrupt

    async def main():
        options = {"filter": interrupted} if where == "filter" else {}
        formatter = Plain(KeyboardInterrupt() if where == "formatter" else None)
        roads.append(Road(ScriptedSink(), formatter=formatter, **options))
        roads[0].batch("a", "b")
        await asyncio.sleep(1)

    with pytest.raises(KeyboardInterrupt):
        run(main())
    (road,) = roads
    assert road.lane.backlog + len(road.sinks[0].lines) == 2


@pytest.fixture(name="_slow")
def _slow(monkeypatch):
    """Make a slice of formatting the shortest there is: one chunk."""
    monkeypatch.setattr(lane, "SLICE_SECONDS", 0)


@pytest.mark.usefixtures("_slow")
async def test_others_run_between_slices_of_formatting():
    """However much there is to format."""
    async with Road(ScriptedSink()) as road:
        road.batch(*numbers(4 * FIRST_CHUNK))
        await turns(1)
        assert road.lane.lines == 3 * FIRST_CHUNK
        await turns(1)
        assert road.formatter.batches == [FIRST_CHUNK, 1]  # it was too slow


async def test_a_slice_has_as_many_lines_as_there_is_time_for(monkeypatch):
    """What they cost differs a thousandfold."""
    now, cost = [0.0], lane.SLICE_SECONDS / 4

    class Dear(Plain):
        def format_batch(self, some):
            now[0] += cost * len(some)
            return super().format_batch(some)

    monkeypatch.setattr(lane, "perf_counter", lambda: now[0])
    async with Road(ScriptedSink(), formatter=Dear()) as road:
        road.batch(*numbers(FIRST_CHUNK + 12))
        await road.flush()
        assert road.formatter.batches[0] == FIRST_CHUNK
        assert max(road.formatter.batches[1:]) <= 4


async def test_while_lines_are_cheap_they_are_formatted_many_at_once(monkeypatch):
    """Up to a bound: the next may be dear."""
    monkeypatch.setattr(lane, "perf_counter", lambda: 0.0)
    async with Road(ScriptedSink()) as road:
        road.batch(*numbers(4 * CHUNK))
        await road.flush()
        assert max(road.formatter.batches) == CHUNK
        assert road.formatter.batches[:3] == [FIRST_CHUNK, 2 * FIRST_CHUNK, 4 * FIRST_CHUNK]


async def test_long_messages_are_formatted_few_at_once():
    """It is known before they are formatted that they are dear."""
    async with Road(ScriptedSink()) as road:
        road.batch(*["x" * lane.CHUNK_TEXT] * 2, *["y" * (lane.CHUNK_TEXT // 2)] * 4)
        await road.flush()
        assert road.formatter.batches == [1, 1, 2, 2]


@pytest.mark.usefixtures("_slow")
@pytest.mark.parametrize("count", range(8))
async def test_cancelled_at_any_moment_no_line_is_lost_or_doubled(count):
    """The next batch, or flush, starts the task again."""
    sink = ScriptedSink()
    async with Road(sink) as road:
        road.batch(*numbers(2 * CHUNK))
        await turns(count)
        cancel_others("Handler")
        await turns(count)
        await road.flush()
        assert sink.lines == numbers(2 * CHUNK)


# -- pressure -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_slow")
async def test_where_every_sink_has_enough_no_more_is_formatted():
    """A record takes less memory than its text; it goes on when a sink has made progress."""
    sink = ScriptedSink([Hang()])
    async with Road(sink) as road:
        road.batch(*numbers(2 * HIGH_WATER))
        await asyncio.sleep(1)
        assert (road.lane.lines, road.lane.outlets[0].lines) == (HIGH_WATER, HIGH_WATER)
        assert road.lane.backlog == 2 * HIGH_WATER
        sink.release()
        await road.flush()
        assert sink.lines == numbers(2 * HIGH_WATER)


async def test_a_sink_with_enough_does_not_keep_lines_from_another():
    """They wait for it, formatted."""
    well, hanging = ScriptedSink(), ScriptedSink([Hang()])
    async with Road(hanging, well) as road:
        road.batch(*numbers(2 * HIGH_WATER))
        await asyncio.sleep(1)
        assert len(well.lines) == 2 * HIGH_WATER


async def hung(road, first):
    """Have *road* carry a batch that the sink does not get done with."""
    road.batch(*first)
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("overflow", "kept"),
    [
        (Overflow.WAIT, numbers(7)),
        (Overflow.DROP_NEWEST, numbers(4)),
        (Overflow.DROP_OLDEST, ["00000", "00004", "00005", "00006"]),
        (Overflow.DROP_BELOW(30), numbers(4)),
        (Overflow.DROP_BELOW(20), numbers(7)),
    ],
)
async def test_above_its_capacity_a_handler_drops_by_its_policy(overflow, kept):
    """What the sink is writing cannot be dropped any more."""
    sink = ScriptedSink([Hang()])
    async with Road(sink, capacity=4, overflow=overflow) as road:
        await hung(road, numbers(1))
        for start in (1, 3, 5):
            road.batch(*numbers(2, start))
            await asyncio.sleep(1)
        sink.release()
        await road.flush()
        assert own(sink) == kept
        assert road.lost == ({FULL: 7 - len(kept)} if len(kept) < 7 else {})


async def test_drop_below_drops_what_matters_less_wherever_it_stands():
    """Lines that wait are not in the way."""
    sink = ScriptedSink([Hang()])
    async with Road(sink, capacity=2, overflow=Overflow.DROP_BELOW(30)) as road:
        await hung(road, ["first"])
        road.batch(*(record(f"{level}", level=level) for level in (10, 40, 20, 30)))
        sink.release()
        await road.flush()
        assert own(sink) == ["first", "40", "30"]


@pytest.mark.parametrize("overflow", [Overflow.DROP_NEWEST, Overflow.DROP_OLDEST])
async def test_a_batch_larger_than_the_capacity_is_cut(overflow):
    """At its end, or at its beginning."""
    sink = ScriptedSink()
    async with Road(sink, capacity=3, overflow=overflow) as road:
        road.batch(*numbers(9))
        await road.flush()
        assert own(sink) == (numbers(3) if overflow == Overflow.DROP_NEWEST else numbers(3, 6))


async def test_the_oldest_line_is_the_one_that_waits_at_the_slowest_sink():
    """Lines of another sink are left alone: dropping them makes no room."""
    slow, quick = ScriptedSink([Delay(10)]), ScriptedSink()
    async with Road(slow, quick) as road:
        await hung(road, numbers(1))
        road.batch(*numbers(2, 1))
        await turns(3)
        assert [road.lane.evict() for _ in range(3)] == [True, True, False]
        await road.flush()
        assert (slow.lines, quick.lines) == (numbers(1), numbers(3))
        assert road.ledger.emitted == 3


async def test_where_no_sink_has_it_yet_the_oldest_line_waits_here():
    """Before the batches that came later."""
    sink = ScriptedSink()
    async with Road(sink) as road:
        assert not road.lane.evict()
        road.batch("a")
        road.batch("b", "c")
        assert [road.lane.evict() for _ in range(2)] == [True, True]
        await road.flush()
        assert sink.lines == ["c"]
        assert road.lost == {"queue full": 2}


async def test_room_that_is_used_at_once_is_not_made_twice():
    """The ledger says that there is room while the line leaves; the stream is then told of it."""
    async with Road(ScriptedSink([Hang()]), capacity=2, overflow=Overflow.DROP_OLDEST) as road:
        await hung(road, numbers(1))
        told = ["told"]

        def tell():
            while told:
                road.batch(told.pop())

        road.batch("a")
        road.ledger.on_room = tell
        road.batch("b")
        assert road.lost == {FULL: 2}
        assert road.lane.backlog == 2


async def test_what_a_handler_dropped_is_announced_in_its_stream():
    """As soon as there is room."""
    sink = ScriptedSink([Hang()])
    async with Road(sink, capacity=2, overflow=Overflow.DROP_NEWEST) as road:
        await hung(road, numbers(1))
        road.batch(*numbers(4, 1))
        sink.release()
        await asyncio.sleep(1)
        assert sink.lines == [*numbers(2), "3 lines dropped: queue full"]


async def test_a_sink_may_have_a_filter_of_its_own():
    """What it refuses still goes to the others."""
    every, some = ScriptedSink(), ScriptedSink()
    keep = lambda one: one.level >= 30  # noqa: E731
    async with Road(every, Filtered(some, keep)) as road:
        road.batch(*(record(str(level), level=level) for level in (20, 30)))
        road.batch("0")
        await road.flush()
        assert (every.lines, some.lines) == (["20", "30", "0"], ["30"])
        assert (road.ledger.emitted, road.ledger.dropped) == (3, 0)


# -- flushing and ending --------------------------------------------------------------------------


@pytest.mark.usefixtures("_slow")
async def test_a_flush_counts_what_waits_here_before_it():
    """Formatted or not, a failing sink does not hold it."""
    sink = ScriptedSink([Fail(seconds=1)] * 99)
    async with Road(sink) as road:
        road.batch(*numbers(HIGH_WATER + 3 * CHUNK))
        await asyncio.sleep(0.5)
        flushing = road.flush()
        assert road.lane.lines > 0
        assert await flushing == [(HIGH_WATER + 3 * CHUNK, "SinkError: as planned")]


async def test_a_patient_flush_is_not_answered_by_a_failure():
    """It waits here as it does at the sink."""
    sink = ScriptedSink([Fail(seconds=1)] * 3)
    async with Road(sink) as road:
        road.batch(*numbers(HIGH_WATER + 3 * CHUNK))
        await asyncio.sleep(0.5)
        assert await road.flush(patient=True) == []
        assert len(sink.lines) == HIGH_WATER + 3 * CHUNK


async def test_what_is_not_formatted_can_be_given_up():
    """It is counted, and nothing is left."""
    async with Road(ScriptedSink()) as road:
        road.batch("a", "b")
        road.flush().cancel()
        road.batch("c")
        road.lane.evict()
        road.lane.abandon()
        assert road.lost == {"queue full": 1, "not written when the logger closed": 2}


async def test_what_is_not_formatted_can_be_formatted_at_once():
    """When the interpreter ends, there is no loop to do it in slices."""
    async with Road(ScriptedSink(), level=20) as road:
        road.batch(*numbers(3 * CHUNK))
        road.batch("x", level=10)
        road.lane.format_now()
        assert (road.lane.lines, road.lane.outlets[0].lines) == (0, 3 * CHUNK)


# -- one after the other --------------------------------------------------------------------------


@pytest.mark.usefixtures("_slow")
async def test_a_lane_that_takes_over_a_sink_lets_go_first_what_was_before():
    """Also where the task of the first was cancelled; flushes then pass by way of the second."""
    sink = ScriptedSink()
    async with Road(sink) as first, Road(sink, alone=False) as second:
        known = {id(sink): first.lane.outlets[0]}
        second.lane = Lane(Handler(sink, formatter=Plain()), first.common, known, [first.lane])
        first.batch(*numbers(3 * CHUNK))
        second.batch(*numbers(1, 3 * CHUNK))
        await turns(2)
        cancel_others("Handler")
        await second.flush()
        assert sink.lines == numbers(3 * CHUNK + 1)
        assert (first.lane.own, second.lane.own) == ([], first.lane.outlets)


async def test_lanes_to_different_sinks_do_not_wait_for_each_other():
    """What is in one is nothing to the other."""
    one, other = ScriptedSink([Hang()]), ScriptedSink()
    async with Road(one) as first, Road(other, alone=False) as second:
        second.lane = Lane(second.lane.handler, first.common, {}, [first.lane])
        first.batch(*numbers(2 * HIGH_WATER))
        second.batch("b")
        await second.flush()
        assert other.lines == ["b"]
        assert first.lane.own == first.lane.outlets


async def test_a_retired_lane_formats_whatever_it_has():
    """Nobody will wake it again when there is room."""
    async with Road(ScriptedSink([Hang()])) as road:
        road.batch(*numbers(2 * HIGH_WATER))
        await asyncio.sleep(1)
        road.lane.retire()
        await asyncio.sleep(1)
        assert (road.lane.lines, road.lane.outlets[0].lines) == (0, 2 * HIGH_WATER)


POLICIES = [Overflow.WAIT, Overflow.DROP_NEWEST, Overflow.DROP_OLDEST, Overflow.DROP_BELOW(30)]


@settings(deadline=None, max_examples=60)
@given(
    plans=st.lists(
        st.lists(
            st.sampled_from([Delay(0), Delay(1), Fail(written=1), Fail(error=TypeError())]),
            max_size=4,
        ),
        min_size=1,
        max_size=2,
    ),
    overflow=st.sampled_from(POLICIES),
    capacity=st.integers(1, 6),
    doings=st.lists(
        st.sampled_from(["batch", "quiet", "evict", "cancel", "wait", "long"]), max_size=20
    ),
)
def test_whatever_happens_every_line_is_settled_once(plans, overflow, capacity, doings):
    """What a sink gets is in order, without doubles; what none got is counted as dropped."""

    async def main():
        sinks = [ScriptedSink(plan) for plan in plans]
        options = {"capacity": capacity, "overflow": overflow, "filter": lambda one: one.level > 5}
        async with Road(*sinks, **options) as road:
            for number, doing in enumerate(doings):
                match doing:
                    case "batch":
                        levels = (20, 5, 40)
                        road.batch(*(record(f"{number:02}{lv}", level=lv) for lv in levels))
                    case "quiet":
                        road.batch(f"{number:02}", level=5)
                    case "evict":
                        road.lane.evict()
                    case "cancel":
                        cancel_others("asynclog")
                    case "wait":
                        await turns(1)
                    case "long":
                        await asyncio.sleep(0.5)
            await road.flush(patient=True)
            written = {line for sink in sinks for line in own(sink)}
            assert road.ledger.emitted == len(written)
            assert all(len(own(sink)) == len(set(own(sink))) for sink in sinks)
            assert road.ledger.idle

    run(main())


def test_a_chunk_is_smaller_than_what_a_sink_is_given():
    """Else the bound of a batch would bound nothing."""
    assert CHUNK <= MAX_BATCH <= HIGH_WATER


@pytest.mark.parametrize("hangs", ["filled", "written"])
async def test_flushes_that_were_cancelled_do_not_pile_up(hangs):
    """Before a sink that hangs, each would stay for ever; those that wait are kept."""
    sink, before = ScriptedSink([Delay(60)]), HIGH_WATER + CHUNK if hangs == "filled" else 1
    async with Road(sink) as road:
        road.batch(*numbers(before))
        await asyncio.sleep(1)
        waiting = road.flush()
        barriers = []
        for _ in range(200):
            flushing = road.flush()
            barriers.append(weakref.ref(road.barrier))
            await asyncio.sleep(0)
            flushing.cancel()
            await turns(3)
        del flushing, road.barrier
        gc.collect()
        assert sum(one() is not None for one in barriers) <= 2 * SWEEP_AT
        assert await waiting == []
        assert len(sink.lines) == before


async def test_lines_that_a_sink_refuses_are_told_of_in_its_own_stream():
    """By the handler's formatter; the other sinks have them."""
    refusing = ScriptedSink([Fail(written=1, error=SinkError("too long", written=1, lost=2))])
    other = ScriptedSink()
    async with Road(refusing, other) as road:
        road.batch("a", "b", "c", "d")
        await road.flush()
        assert refusing.lines[1].endswith("2 lines dropped: refused by the sink")
        assert (own(refusing), own(other)) == (["a", "d"], ["a", "b", "c", "d"])
        assert (road.lost, road.ledger.announced) == ({}, 1)
