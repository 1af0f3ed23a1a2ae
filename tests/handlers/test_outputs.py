"""All handlers of one logger, side by side, and their end."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog.handlers import Handler
from asynclog.handlers.closing import LEAST_SECONDS
from asynclog.handlers.outputs import SWEEP, Outputs
from asynclog.ledger import Cause, Ledger
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, LateAnswer, ScriptedSink, run

from ..making import HostileError, record
from .feeding import CAPACITY, others, reasons

pytestmark = pytest.mark.virtual

SECONDS = 5.0


class Plain:
    """Prints the message."""

    def format(self, one):
        """Return it."""
        return one.message


class Site:
    """A logger without its front: outputs, their account, and what goes in."""

    def __init__(self, *sinks, keep=None, **options):
        self.ledger = Ledger(CAPACITY)
        self.sinks = sinks
        handlers = [Handler(sink, formatter=Plain(), **options) for sink in sinks]
        loop = asyncio.get_running_loop()
        self.outputs = Outputs(handlers, self.ledger, loop, filter=keep)

    def lines(self, *messages, level=20):
        """Dispatch a batch."""
        some = [record(message, level=level) for message in messages]
        for one in some:
            self.ledger.admit(one)
        self.outputs.dispatch(some)

    def flush(self):
        """Return a task that waits for a flush."""
        barrier = self.outputs.barrier()
        barrier.send()
        return asyncio.create_task(reasons(barrier))

    async def close(self, seconds=SECONDS):
        """Close, and return how long it took; find nothing left, and the account right."""
        loop = asyncio.get_running_loop()
        before = loop.time()
        await self.outputs.close(seconds)
        told = self.ledger.statistics(self.outputs.buffered)
        assert told.buffered == 0
        assert told.accepted == told.emitted + told.dropped
        return loop.time() - before


# -- at work --------------------------------------------------------------------------------------


async def test_every_handler_gets_every_line():
    """A line is emitted once, however many have it."""
    site = Site(ScriptedSink(), ScriptedSink())
    site.lines("a", "b")
    assert await site.flush() == []
    assert [sink.lines for sink in site.sinks] == [["a", "b"]] * 2
    assert site.ledger.emitted == 2
    await site.close()
    assert not others()


async def test_lines_are_buffered_until_the_last_sink_has_settled_them():
    """The slowest counts."""
    site = Site(ScriptedSink(), ScriptedSink([Delay(10)]))
    site.lines("a", "b")
    await asyncio.sleep(1)
    assert site.outputs.buffered == 2
    await asyncio.sleep(10)
    assert site.outputs.buffered == 0
    await site.close()


async def test_the_logger_s_own_lines_are_in_no_account():
    """They go the same way."""
    site = Site(ScriptedSink())
    site.outputs.dispatch([record("own")], counted=False)
    assert site.outputs.buffered == 0
    await site.close()
    assert (site.sinks[0].lines, site.ledger.emitted) == (["own"], 0)


async def test_what_is_settled_is_forgotten_although_something_older_is_not():
    """One line that waits for a hung sink must not keep a record of all that came after it."""
    hung, well = ScriptedSink([Hang()]), ScriptedSink()
    site = Site(hung, well)
    site.outputs._lanes[0].handler.level = 40
    site.lines("stuck", level=40)
    for number in range(20 * SWEEP):
        site.lines(str(number))
        await asyncio.sleep(0.1)
    assert len(site.outputs._flying) <= 2 * SWEEP
    assert site.outputs.buffered == 1
    await site.close()


async def test_a_filter_of_the_logger_keeps_lines_from_all_handlers():
    """They count as dropped on purpose."""
    site = Site(ScriptedSink(), ScriptedSink(), keep=lambda one: one.message != "b")
    site.lines("a", "b", "c")
    site.lines("b")
    await site.close()
    assert [sink.lines for sink in site.sinks] == [["a", "c"]] * 2
    assert site.ledger.statistics(0).dropped_by_cause == {Cause.FILTERED.value: 2}


async def test_room_is_made_where_most_lines_wait():
    """What a quick handler has not got to yet is left alone: dropping it would make no room."""
    hung, well = ScriptedSink([Hang()]), ScriptedSink()
    site = Site(hung, well)
    site.lines("a")
    await asyncio.sleep(1)
    site.lines("b", "c")
    await asyncio.sleep(1)
    site.lines("d")
    assert [site.outputs.evict() for _ in range(4)] == [True, True, True, False]
    await asyncio.sleep(1)
    assert well.lines == ["a", "b", "c", "d"]
    await site.close()


async def test_a_flush_names_the_sinks_that_failed():
    """The others have the lines."""
    site = Site(ScriptedSink([Fail()] * 99), ScriptedSink())
    site.lines("a")
    assert await site.flush() == [(1, "SinkError: as planned")]
    assert site.sinks[1].lines == ["a"]
    await site.close()


# -- closing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Delay(2), LateAnswer(2), Fail(seconds=1), Fail(written=1)])
async def test_closing_waits_for_what_takes_its_time(step):
    """As long as there is time."""
    site = Site(ScriptedSink([step]))
    site.lines("a", "b")
    assert await site.close() < SECONDS
    assert (site.sinks[0].lines, site.sinks[0].closed) == (["a", "b"], 1)
    assert not others()


@pytest.mark.parametrize("step", [Hang(), Delay(1e6), LateAnswer(1e6), Fail(seconds=1e6)])
@pytest.mark.parametrize("seconds", [0, 0.5, 5])
async def test_closing_ends_in_time_although_a_sink_hangs(step, seconds, capsys):
    """What it did not write is counted and told of; all sinks are closed."""
    site = Site(ScriptedSink([step]), ScriptedSink())
    site.lines("a", "b")
    await asyncio.sleep(1)
    assert await site.close(seconds) <= seconds
    assert [sink.closed for sink in site.sinks] == [1, 1]
    assert "2 lines not written to MemorySink(" in capsys.readouterr().err
    assert not others()


async def test_a_sink_that_fails_again_and_again_is_tried_until_the_end():
    """It may recover at the last moment."""
    sink = ScriptedSink([Fail()] * 30)
    site = Site(sink)
    site.lines("a")
    await asyncio.sleep(60)
    sink.plan = type(sink.plan)([Fail()] * 5)
    assert await site.close() < SECONDS
    assert sink.lines == ["a"]


async def test_what_was_not_formatted_in_time_is_counted_too(capsys):
    """Wherever a line waits."""
    site = Site(ScriptedSink([Hang()]))
    site.lines(*map(str, range(30_000)))
    await asyncio.sleep(1)
    await site.close()
    assert site.ledger.dropped == 30_000
    assert "30,000 lines not written to MemorySink(0 lines) in time" in capsys.readouterr().err


async def test_whoever_flushes_meanwhile_is_told():
    """And does not wait for ever."""
    site = Site(ScriptedSink([Hang()]))
    site.lines("a")
    flushing = site.flush()
    await asyncio.sleep(1)
    await site.close()
    assert await flushing == [(1, "the logger closed")]


class Odd(MemorySink):
    """Does not close as it should."""

    def __init__(self, how):
        super().__init__()
        self.how = how
        self.closed = 0

    async def aclose(self):
        """Close, in its own way."""
        self.closed += 1
        await self.how()


async def late():
    """Take too long."""
    await asyncio.sleep(1e6)


async def raising():
    """Fail, without a text."""
    raise HostileError


async def cancelled():
    """Be cancelled by itself."""
    raise asyncio.CancelledError


async def stubborn():
    """Take too long, and do not heed being cancelled."""
    for _ in range(3):
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            continue


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (late, "MemorySink(0 lines) did not close in time"),
        (raising, "closing MemorySink(0 lines) failed: HostileError"),
        (cancelled, ""),
        (stubborn, "MemorySink(0 lines) did not close in time"),
    ],
)
async def test_a_sink_that_does_not_close_keeps_no_other_from_it(how, told, capsys):
    """Nor the logger."""
    sinks = Odd(how), ScriptedSink(), Odd(how)
    site = Site(*sinks)
    assert await site.close() <= SECONDS
    assert [sink.closed for sink in sinks] == [1, 1, 1]
    assert told in capsys.readouterr().err


async def test_a_sink_whose_aclose_is_no_coroutine_is_told_of(capsys):
    """It has been called all the same."""
    sink = MemorySink()
    sink.aclose = sink.clear
    await Site(sink).close()
    assert "closing MemorySink(0 lines) failed: TypeError: " in capsys.readouterr().err


class Stubborn(MemorySink):
    """Heeds being cancelled neither in a write nor when it is closed, nor being interrupted."""

    async def write(self, batch, /):
        """Take too long."""
        await stubborn()
        await stubborn()

    async def aclose(self):
        """Take too long."""
        await stubborn()

    def interrupt(self):
        """Do not."""


@pytest.mark.parametrize("patience", [None, 0.5])
@pytest.mark.parametrize("seconds", [0, 0.01, 0.2, 1, SECONDS])
async def test_sinks_that_swallow_their_cancellation_do_not_hold_up_the_end(seconds, patience):
    """They are waited for side by side, and within the time that there is."""
    site = Site(*(Stubborn() for _ in range(10)), write_timeout=patience)
    site.lines("a")
    await asyncio.sleep(1)
    assert await site.close(seconds) <= max(seconds, LEAST_SECONDS) + 1e-6
    await asyncio.sleep(100)
    assert not others()


@settings(deadline=None, max_examples=40)
@given(
    plans=st.lists(
        st.lists(
            st.sampled_from(
                [
                    Delay(0),
                    Delay(1),
                    Hang(),
                    LateAnswer(3),
                    Fail(written=1),
                    Fail(error=TypeError()),
                ]
            ),
            max_size=3,
        ),
        min_size=1,
        max_size=3,
    ),
    batches=st.lists(st.integers(1, 5), max_size=4),
    pause=st.sampled_from([0, 0.5, 20]),
    seconds=st.sampled_from([0, 1, 5]),
)
def test_whatever_the_sinks_do_closing_leaves_nothing_open(plans, batches, pause, seconds):
    """No line without a fate, no task, and no sink; and it ends in time."""

    async def main():
        site = Site(*map(ScriptedSink, plans))
        for count in batches:
            site.lines(*map(str, range(count)))
            await asyncio.sleep(pause)
        assert await site.close(seconds) <= seconds
        assert all(sink.closed == 1 for sink in site.sinks)
        assert not others()

    run(main())


# -- without a loop -------------------------------------------------------------------------------


async def test_without_a_loop_everything_is_written_at_once():
    """When the interpreter ends."""
    site = Site(ScriptedSink(), ScriptedSink())
    site.lines("a", "b")
    site.outputs.write_now()
    assert [sink.lines for sink in site.sinks] == [["a", "b"]] * 2
    assert site.outputs.buffered == 0
    await site.close()


async def test_in_a_forked_child_nothing_is_written():
    """The lines are the parent's."""
    site = Site(ScriptedSink())
    site.lines("a")
    site.outputs.disown()
    site.outputs.write_now()
    assert (site.sinks[0].lines, site.outputs.buffered) == ([], 0)
    for task in others():
        task.cancel()


@pytest.mark.parametrize("turns", range(6))
async def test_disowned_it_writes_nothing_more(turns):
    """However far the lines had come; the loop may go on in a forked child."""
    site = Site(ScriptedSink([Delay(1)]), ScriptedSink())
    site.lines("a", "b")
    for _ in range(turns):
        await asyncio.sleep(0)
    before = [len(sink.lines) for sink in site.sinks]
    site.outputs.disown()
    await asyncio.sleep(10)
    assert [len(sink.lines) for sink in site.sinks] == before
    assert not others()
