"""Tests of asynclog.central.turns, and of how much is done between two turns of a loop."""

import asyncio
from itertools import count, pairwise

import pytest

from asynclog.attributes import exception_of
from asynclog.central import CentralLog
from asynclog.central.counting import SPAN_REPEATS, Counting
from asynclog.central.event import Event
from asynclog.central.producer import BATCH_GROUPS, Producer
from asynclog.central.scripts import Applied
from asynclog.central.settings import Settings
from asynclog.central.spooling import SpoolDirectory
from asynclog.central.turns import EXCEPTION, LINE, TURN, Turns
from asynclog.waiting import ACCEPTED, YIELDING
from tests.making import record

from .accounts import end
from .test_producer import NOWHERE

LINES = TURN // LINE
"""Of one turn."""
SERVER_NS = 7_000_000_000
"""By which the server's clock is ahead."""


async def most_of_a_turn(counted, *work):
    """Return by how much *counted* grows at most while the loop goes round once."""
    tasks = [asyncio.ensure_future(one) for one in work]
    found = [counted()]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        found.append(counted())
    await asyncio.gather(*tasks)
    return max(after - before for before, after in pairwise(found))


async def test_a_turn_that_is_spent_is_over_for_all():
    """Until the loop has gone round."""
    turns = Turns()
    spent = [turns.spend(LINE) for _ in range(LINES + 2)]
    assert spent == [*[ACCEPTED] * (LINES - 1), *[YIELDING] * 3]
    await spent[-1]

    assert turns.spend(LINE) is ACCEPTED


def test_without_a_loop_nobody_waits_for_a_turn():
    """What is to be awaited is done already."""
    turns = Turns()
    assert {id(turns.spend(EXCEPTION)) for _ in range(100)} == {id(ACCEPTED)}


async def test_a_log_that_is_opened_begins_a_turn():
    """The loop that it was on before may have ended in the midst of one."""
    central = CentralLog(NOWHERE)
    central._reporter.turns.give_way()
    async with central:
        assert central._reporter.turns.spend(LINE) is ACCEPTED


@pytest.mark.parametrize("tasks", [1, 50])
@pytest.mark.parametrize("text", ["failure {}", "failure"])
async def test_a_burst_leaves_others_their_turn(tasks, text):
    """Whether its lines are of one group or of many, and whether one task reports them or many."""
    central = CentralLog(NOWHERE)
    async with central:
        sender, numbers = central.sender_with_label("shop"), count()

        async def burst():
            for _ in range(60_000 // tasks):
                await sender.error(text.format(next(numbers)))

        most = await most_of_a_turn(
            lambda: central.statistics().produced, *(burst() for _ in range(tasks))
        )
        # A second may end in the midst of a turn, and the next one begins a span of its own.
        assert 1 < most <= (0 if "{" in text else 2 * SPAN_REPEATS) + LINES + tasks


async def test_events_in_a_row_leave_others_their_turn():
    """Those that are reported without a sender, too."""
    central = CentralLog(NOWHERE)
    async with central:

        async def burst():
            for number in range(1_000):
                group = f"g{number}"
                await central.report(Event(1, 1, "text", None, 40, "a", "shop", None, None, group))

        assert await most_of_a_turn(lambda: central.statistics().produced, burst()) == LINES


async def test_records_with_exceptions_are_counted_in_smaller_slices():
    """For each takes ten times as long."""
    central = CentralLog(NOWHERE)
    async with central:
        reporter = central._reporter
        plain = [record(f"text {number}") for number in range(500)]
        assert reporter.count(plain) == LINES
        assert reporter.count([record("text")] * 5, 2) == 5
        failed = [record("text", exception=exception_of(ValueError("no"))) for _ in range(500)]
        assert reporter.count(failed, 7) == 7 + -(-TURN // EXCEPTION)


class Watched(Counting):
    """Notes in `sizes` how many groups each turn of the loop takes or copies."""

    sizes: list[int]

    def take(self, max_groups, max_bytes):
        """See `Counting`."""
        sections, lost = super().take(max_groups, max_bytes)
        self.sizes[-1] += sum(len(section.groups) for section in sections)
        return sections, lost

    def snapshot(self):
        """See `Counting`."""
        self.sizes[-1] += self.groups
        return super().snapshot()


class Busy:
    """A way on which everything is taken, and while it is, as many groups come as ever."""

    name = "busy"

    def __init__(self):
        self.producer = None
        self.events = 0
        self.left = 8

    async def time_ns(self):
        """Return the time of a server that is ahead."""
        return self.producer._time_ns() + SERVER_NS

    async def report(self, stream, batch, *, adopt):
        """Take *batch*."""
        await asyncio.sleep(0)
        self.events += batch.events
        if self.left:
            self.left -= 1
            fill(self.producer)
        return Applied(0, 0, 0, 0, 0)


def fill(producer, groups=1_000):
    """Count one event of each of so many groups."""
    for number in range(groups):
        producer.counting.add(1_700_000_000, 40, f"g{number}", b"x")
    producer.fed()


@pytest.mark.parametrize("spooled", [False, True])
async def test_no_step_of_a_producer_handles_more_than_a_batch(monkeypatch, tmp_path, spooled):
    """Whatever waits, whether it is written down, and moved to the server's time, or not."""
    monkeypatch.setattr("asynclog.central.producer.Counting", Watched)
    monkeypatch.setattr(Watched, "sizes", [0], raising=False)
    way = Busy()
    spools = SpoolDirectory(tmp_path, "busy-0-") if spooled else None
    way.producer = Producer(
        way,
        Settings(0.001, horizon=0.0),
        asyncio.get_running_loop(),
        spools=spools,
        time_ns=lambda: 10**18,
    )
    await way.producer.open()
    fill(way.producer, 3_000)
    while way.producer.statistics().waiting:
        Watched.sizes.append(0)
        await asyncio.sleep(0)
    await end(way.producer)

    assert way.producer.statistics().acknowledged == way.events == 11_000
    assert max(Watched.sizes) == BATCH_GROUPS
