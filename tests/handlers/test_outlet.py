"""One task that brings lines into one sink."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog import fallback
from asynclog.errors import SinkError
from asynclog.handlers.backlog import MAX_BATCH, MAX_TEXT
from asynclog.handlers.outlet import HIGH_WATER
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, LateAnswer, ScriptedSink, run

from ..making import HostileError
from .feeding import Feed, cancel_others, turns

pytestmark = pytest.mark.virtual

NAME = "asynclog sink"


class Shy(ScriptedSink):
    """Will not be shown."""

    def __repr__(self):
        raise ValueError("no")


class MuteError(SinkError):
    """An error of a foreign sink: without what ours has."""

    def __init__(self):
        pass

    def __str__(self):
        raise ValueError("no text")


class Counting(ScriptedSink):
    """Keeps the batches themselves, and fails to open or flush as it is told."""

    def __init__(self, plan=(), *, opens=(), flushes=(), interrupts=()):
        super().__init__(plan)
        self.batches = []
        self.errors = {"open": list(opens), "flush": list(flushes), "interrupt": list(interrupts)}

    async def _fail(self, what):
        await asyncio.sleep(0)
        error = self.errors[what].pop(0) if self.errors[what] else None
        if error is not None:
            raise error

    async def open(self):
        """Count, and perhaps fail."""
        await super().open()
        await self._fail("open")

    async def write(self, batch, /):
        """Keep the batch, and follow the plan."""
        self.batches.append(batch)
        await super().write(batch)

    async def flush(self, *, durable=False):
        """Count, and perhaps fail."""
        await super().flush(durable=durable)
        await self._fail("flush")


class Own(MemorySink):
    """Its first answers are the errors that it is given."""

    def __init__(self, *errors):
        super().__init__()
        self.errors = list(errors)

    async def write(self, batch, /):
        """Raise, or keep."""
        if self.errors:
            raise self.errors.pop(0)
        await super().write(batch)


# -- writing --------------------------------------------------------------------------------------


async def test_lines_are_written_in_order():
    """And counted."""
    sink = ScriptedSink()
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        feed.lines("c")
        await feed.flush()
        assert sink.lines == ["a", "b", "c"]
        assert (feed.outlet.written, feed.outlet.lines, feed.outlet.lost) == (3, 0, 0)


async def test_without_lines_the_sink_is_left_alone():
    """Neither opened nor flushed; it may not even exist yet."""
    sink = ScriptedSink()
    async with Feed(sink) as feed:
        assert await feed.flush() == []
        assert (sink.opened, sink.flushes) == (0, [])


async def test_the_sink_is_opened_once_before_the_first_write():
    """However many there are."""
    sink = Counting()
    async with Feed(sink) as feed:
        feed.lines("a")
        await feed.flush()
        feed.lines("b")
        await feed.flush()
        assert (sink.opened, sink.lines) == (1, ["a", "b"])


async def test_what_came_during_a_write_is_written_at_once():
    """One call of the sink for all of it."""
    sink = Counting([Delay(1)])
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(0.5)
        feed.lines("b")
        feed.lines("c", "d")
        await feed.flush()
        assert [batch.lines for batch in sink.batches] == [["a"], ["b", "c", "d"]]


async def test_a_batch_has_a_bound():
    """A sink's memory, too."""
    sink, portion = Counting(), [str(i) for i in range(MAX_BATCH // 2 + 1)]
    async with Feed(sink) as feed:
        for _ in range(4):
            feed.lines(*portion)
        await feed.flush()
        assert [len(batch) for batch in sink.batches] == [2 * len(portion)] * 2


async def test_it_says_when_enough_lines_wait():
    """And, by its progress, when more may come."""
    sink = ScriptedSink([Delay(1)])
    async with Feed(sink) as feed:
        feed.lines(*["x"] * (HIGH_WATER - 1))
        assert not feed.outlet.full
        feed.lines("x")
        assert feed.outlet.full
        await feed.flush()
        assert not feed.outlet.full
        assert feed.progress == len(sink.flushes) + 1


async def test_another_handler_may_take_it_over():
    """It hears of progress and of failures from then on."""
    async with Feed(ScriptedSink()) as other, Feed(ScriptedSink([Fail()])) as feed:
        feed.outlet.owner = other
        feed.lines("a")
        await asyncio.sleep(5)
        assert (other.progress, other.failures) == (1, [(1, "SinkError: as planned")])
        assert (feed.progress, feed.failures) == (0, [])


# -- failing --------------------------------------------------------------------------------------


async def test_lines_that_could_not_be_written_are_kept_and_tried_again(capsys):
    """Stderr hears of the beginning and of the end."""
    sink = Counting([Fail(), Fail(error=OSError("full")), Fail()])
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        await asyncio.sleep(10)
        assert (sink.lines, len(sink.batches)) == (["a", "b"], 4)
    first, last = capsys.readouterr().err.splitlines()
    assert first.endswith(" failed: SinkError: as planned; its lines are kept, trying again")
    assert " works again after 0." in last


async def test_pauses_grow_while_it_fails():
    """A sink that is down for an hour is not asked all the time."""
    sink = Counting([Fail()] * 1000)
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(60)
        assert 10 < len(sink.batches) < 35


async def test_what_was_written_in_part_is_not_written_twice():
    """The sink says how far it got."""
    sink = Counting([Fail(written=2), Fail(written=1)])
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        feed.lines("c", "d", "e")
        await asyncio.sleep(5)
        assert sink.lines == ["a", "b", "c", "d", "e"]
        assert [len(batch) for batch in sink.batches] == [5, 3, 2]


@pytest.mark.parametrize("written", [-1, -(10**9), None, True, "2", 1.0, 0])
async def test_a_count_that_cannot_be_is_no_count(written):
    """All lines are written again, and none is counted twice."""
    sink = Own(SinkError("odd", written=written))
    async with Feed(sink) as feed:
        feed.lines("a", "b", "c")
        await asyncio.sleep(5)
        assert (sink.lines, feed.outlet.written) == (["a", "b", "c"], 3)


@pytest.mark.parametrize("written", [3, 4, 10**9])
async def test_a_count_beyond_the_batch_is_all_of_it(written):
    """Lines that come later are not taken for written."""
    sink = Own(SinkError("odd", written=written))
    async with Feed(sink) as feed:
        feed.lines("a", "b", "c")
        await asyncio.sleep(5)
        assert (sink.lines, feed.outlet.written, feed.outlet.lines) == ([], 3, 0)
        feed.lines("d")
        await feed.flush()
        assert (sink.lines, feed.outlet.written) == (["d"], 4)


async def test_lines_are_given_up_where_trying_again_cannot_help(capsys):
    """They are counted; those that come later may fare better."""
    sink = ScriptedSink([Fail(error=TypeError("never")), Fail(error=TypeError("never"))])
    async with Feed(sink) as feed:
        for line in ("a", "b", "c"):
            feed.lines(line, line)
            await asyncio.sleep(1)
        assert (sink.lines, feed.outlet.lost, feed.ledger.dropped) == (["c", "c"], 4, 4)
    first, last = capsys.readouterr().err.splitlines()
    assert first.endswith(" failed: TypeError: never; lost: 2 lines")
    assert " works again after " in last


@pytest.mark.parametrize(
    ("error", "lines"),
    [(OSError("later"), ["a", "b"]), (SinkError("later"), ["a", "b"]), (TypeError(), ["b"])],
)
async def test_a_sink_that_does_not_open_is_treated_as_one_that_does_not_write(error, lines):
    """It is opened again with the next attempt."""
    sink = Counting(opens=[error])
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(1)
        feed.lines("b")
        await asyncio.sleep(1)
        assert (sink.lines, sink.opened) == (lines, 2)


@pytest.mark.parametrize("error", [HostileError(), MuteError(), SinkError("x" * 10_000 + "\n")])
@pytest.mark.parametrize("kind", [ScriptedSink, Shy])
async def test_no_error_of_a_sink_ends_the_pipeline(error, kind, capsys):
    """However odd it is, and the sink as well."""
    sink = kind([Fail(error=error)])
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(5)
        feed.lines("b")
        assert await feed.flush() in ([], [(1, f"given up: {feed.outlet.last_error}")])
        assert sink.lines[-1:] == ["b"]
    assert all(len(line) < 700 for line in capsys.readouterr().err.splitlines())


async def test_a_sink_that_was_cancelled_inside_is_tried_again():
    """Somebody cancelled a task of the sink's own; nobody cancelled ours."""
    sink = Own(asyncio.CancelledError(), asyncio.CancelledError())
    async with Feed(sink) as feed:
        feed.lines("a")
        assert await feed.flush() == [(1, "SinkError: the sink was cancelled by itself")]
        await asyncio.sleep(5)
        assert sink.lines == ["a"]


def test_what_is_no_error_ends_the_program_and_keeps_the_lines():
    """Ctrl-C in a sink is not the sink's affair."""
    feeds = []

    async def main():
        feeds.append(Feed(Own(KeyboardInterrupt())))
        feeds[0].lines("a")
        await asyncio.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        run(main())
    assert feeds[0].outlet.lines == 1


# -- refusing -------------------------------------------------------------------------------------


async def test_lines_that_can_never_be_written_are_counted_and_told_of_in_their_place(capsys):
    """The others go on at once; the sink is not failing."""
    sink = Own(SinkError("too long", lost=2), SinkError("too long", written=2, lost=1))
    async with Feed(sink) as feed:
        feed.lines("a", "b", "c", "d", "e")
        assert await feed.flush() == [(3, "given up: SinkError: too long")]
        # The second error counts the notice as the first line that was written.
        assert (sink.lines, feed.outlet.lost) == (["1 refused", "e"], 3)
        assert feed.ledger.statistics(0).dropped_by_cause == {"refused by the sink": 3}
        assert (feed.outlet.failing_since, feed.failures) == (None, [])
        feed.outlet.written -= 2  # the notices are in no account
    assert capsys.readouterr().err.endswith(" refused 2 lines: SinkError: too long\n")


async def test_a_notice_that_is_refused_has_no_notice_of_its_own():
    """Else there would be no end of them."""
    async with Feed(Own(*[SinkError("too long", lost=1)] * 2)) as feed:
        feed.lines("a")
        await feed.flush()
        assert (feed.sink.lines, feed.outlet.lost, feed.ledger.dropped) == ([], 2, 1)


async def test_a_sink_that_refuses_while_it_is_stopped_gets_no_notice():
    """It would be one more line that is not written."""

    class Late(MemorySink):
        async def write(self, batch, /):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise SinkError("too long", lost=1) from None

    async with Feed(Late()) as feed:
        feed.outlet.calls.patience = 0.1
        feed.lines("a", "b")
        await asyncio.sleep(1)
        await feed.outlet.stop(1)
        assert (feed.outlet.lines, feed.ledger.dropped) == (1, 1)


@pytest.mark.parametrize("lost", [-1, None, True, "2", 10**9])
async def test_a_count_of_refused_lines_is_believed_within_reason(lost):
    """No more than the batch; none that is no number."""
    async with Feed(Own(SinkError("odd", written=1, lost=lost))) as feed:
        feed.lines("a", "b", "c")
        await asyncio.sleep(5)
        refused = 2 if lost == 10**9 else 0
        assert (feed.outlet.lost, len(feed.sink.lines)) == (refused, 1 if refused else 2)
        feed.outlet.written -= bool(refused)  # the notice is in no account


# -- being cancelled ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(12))
@pytest.mark.parametrize("step", [Delay(0), Fail(written=1), Fail(error=OSError("full"))])
async def test_cancelled_at_any_moment_no_line_is_lost_or_doubled(count, step):
    """The next line, or flush, starts the task again."""
    sink = Counting([step, Delay(0)])
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        flushing = feed.flush()
        await turns(count)
        cancel_others(NAME)
        await turns(2)
        feed.lines("c")
        await asyncio.gather(flushing, feed.flush())
        await asyncio.sleep(5)
        assert sink.lines == ["a", "b", "c"]


@pytest.mark.parametrize("step", [Delay(9), LateAnswer(9), Hang()])
async def test_a_cancelled_write_is_tried_again_with_the_same_batch(step):
    """Its sink may know how the first attempt ended."""
    sink = Counting([step])
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(1)
        cancel_others(NAME)
        feed.lines("b")
        await feed.flush()
        first, second, third = sink.batches
        assert first is second
        assert third.lines == ["b"]


async def test_cancelled_while_it_flushes_it_flushes_again():
    """Nobody is told that all is well before it is."""

    class Slow(ScriptedSink):
        async def flush(self, *, durable=False):
            await super().flush(durable=durable)
            await asyncio.sleep(1)

    async with Feed(Slow()) as feed:
        feed.lines("a")
        flushing = feed.flush()
        await asyncio.sleep(0.5)
        cancel_others(NAME)
        feed.lines("b")
        assert await flushing == []
        assert feed.sink.flushes == [False, False]


async def test_a_sink_that_was_cancelled_inside_a_flush_has_failed_to_flush():
    """Nobody waits for ever."""
    async with Feed(Counting(flushes=[asyncio.CancelledError()])) as feed:
        feed.lines("a")
        assert await feed.flush() == [(1, "SinkError: the sink was cancelled by itself")]


# -- flushing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("durable", [False, True])
async def test_a_flush_passes_behind_the_lines_before_it(durable):
    """And asks the sink for what it was asked."""
    sink = ScriptedSink([Delay(1), Delay(1)])
    async with Feed(sink) as feed:
        feed.lines("a")
        flushing = feed.flush(durable=durable)
        feed.lines("b")
        assert await flushing == []
        assert (sink.lines, sink.flushes) == (["a"], [durable])


async def test_a_flush_that_fails_counts_what_was_written_since_the_last_good_one():
    """Nobody knows how far those lines got."""
    sink = Counting(flushes=[None, OSError("full"), None])
    async with Feed(sink) as feed:
        told = []
        for lines in (["a"], ["b", "c"], ["d"]):
            feed.lines(*lines)
            told.append(await feed.flush())
        assert told == [[], [(2, "OSError: full")], []]


async def test_a_flush_tells_of_lines_that_were_given_up():
    """And of those that the sink has taken but not flushed."""
    sink = Counting([Fail(error=TypeError()), Delay(0)], flushes=[OSError("full")])
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        await asyncio.sleep(1)
        feed.lines("c")
        assert await feed.flush() == [(3, "OSError: full")]


async def test_a_flush_behind_a_failing_sink_is_answered_at_its_next_attempt():
    """With the number of lines before it."""
    sink = Counting([Fail(), Fail()])
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        await asyncio.sleep(0.01)
        first = feed.flush()
        feed.lines("c")
        second = feed.flush()
        assert await asyncio.gather(first, second) == [
            [(2, "SinkError: as planned")],
            [(3, "SinkError: as planned")],
        ]
        assert feed.failures == [(2, "SinkError: as planned"), (3, "SinkError: as planned")]


async def test_a_flush_has_a_failing_sink_tried_at_once():
    """Whoever waits for it need not wait for the end of a long pause."""
    sink = ScriptedSink([Fail()] * 15)
    loop = asyncio.get_running_loop()
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(30)
        sink.plan.clear()
        before = loop.time()
        assert await feed.flush() == []
        assert loop.time() - before < 0.001


async def test_a_patient_flush_waits_for_better_times():
    """As the one that closes the logger does; pauses are short again for it."""
    sink = ScriptedSink([Fail()] * 20)
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(30)
        sink.plan = sink.plan.__class__([Fail()] * 3)
        before = asyncio.get_running_loop().time()
        assert await feed.flush(patient=True) == []
        assert sink.lines == ["a"]
        assert asyncio.get_running_loop().time() - before < 1


@pytest.mark.parametrize("error", [SinkError("broken"), OSError("broken")])
async def test_a_patient_flush_tries_again_what_could_not_be_flushed(error):
    """A connection may break while the logger closes, and come back in time."""
    sink = Counting(flushes=[error, error])
    async with Feed(sink) as feed:
        feed.lines("a")
        assert await feed.flush(patient=True) == []
        assert sink.flushes == [False] * 3


async def test_a_patient_flush_that_fails_does_not_hold_up_the_word_to_others():
    """Who asks for a flush while handlers are being closed is told at once."""
    async with Feed(Counting(flushes=[SinkError("broken")] * 100)) as feed:
        feed.lines("a")
        patient = feed.flush(patient=True)
        feed.lines("b")
        assert await feed.flush() == [(2, "SinkError: broken")]
        assert (2, "SinkError: broken") in feed.failures
        assert await patient == []


async def test_a_patient_flush_for_which_nobody_waits_any_more_makes_way():
    """The sink may have got another handler meanwhile, whose lines are behind it."""
    async with Feed(Counting(flushes=[SinkError("broken")] * 100)) as feed:
        feed.lines("a")
        patient = feed.flush(patient=True)
        await asyncio.sleep(1)
        patient.cancel()
        feed.lines("b")
        await asyncio.sleep(10)
        assert feed.sink.lines == ["a", "b"]


@pytest.mark.parametrize("error", [TypeError("odd"), SinkError("odd", kept=True)])
async def test_a_patient_flush_does_not_try_what_cannot_help(error):
    """Nor what need not be: the lines are safe where they are."""
    async with Feed(Counting(flushes=[error])) as feed:
        feed.lines("a")
        assert await feed.flush(patient=True) == [(1, f"{type(error).__name__}: odd")]


async def test_a_patient_flush_is_not_told_of_lines_given_up():
    """They are in the final account."""
    async with Feed(ScriptedSink([Fail(error=TypeError())])) as feed:
        feed.lines("a")
        assert await feed.flush(patient=True) == []


# -- making room ----------------------------------------------------------------------------------


async def test_the_oldest_line_that_is_not_being_written_makes_room():
    """What a sink is writing cannot be taken back."""
    sink = ScriptedSink([Delay(1)])
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        await asyncio.sleep(0.5)
        feed.lines("c", "d")
        flushing = feed.flush()
        feed.lines("e")
        assert [feed.outlet.evict() for _ in range(4)] == [True, True, True, False]
        assert (feed.outlet.lines, feed.ledger.dropped) == (2, 3)
        assert await flushing == []
        assert sink.lines == ["a", "b"]


@settings(deadline=None, max_examples=50)
@given(
    steps=st.lists(
        st.one_of(
            st.sampled_from([Delay(0), Delay(1), Fail(error=OSError("full"))]),
            st.integers(0, 5).map(lambda count: Fail(written=count)),
            st.just(Fail(error=TypeError())),
        ),
        max_size=8,
    ),
    doings=st.lists(
        st.sampled_from(["lines", "evict", "flush", "cancel", "wait", "long"]), max_size=20
    ),
)
def test_whatever_happens_every_line_is_written_or_dropped_once(steps, doings):
    """And what is written is in order."""

    async def main():
        sink = ScriptedSink(steps)
        async with Feed(sink) as feed:
            tasks = []
            for number, doing in enumerate(doings):
                match doing:
                    case "lines":
                        feed.lines(*[f"{number:02}{i}" for i in range(3)])
                    case "evict":
                        feed.outlet.evict()
                    case "flush":
                        tasks.append(feed.flush())
                    case "cancel":
                        cancel_others(NAME)
                    case "wait":
                        await turns(1)
                    case "long":
                        await asyncio.sleep(0.5)
            tasks.append(feed.flush())
            await asyncio.gather(*tasks)
            await feed.flush(patient=True)
            assert feed.outlet.lines == 0
            assert sink.lines == sorted(set(sink.lines))
            assert len(sink.lines) == feed.ledger.emitted

    run(main())


# -- ending ---------------------------------------------------------------------------------------


async def test_a_write_that_can_be_interrupted_says_how_far_it_got():
    """Only the rest is given up."""

    class Interruptible(MemorySink):
        def __init__(self):
            super().__init__()
            self.over = asyncio.Event()

        async def write(self, batch, /):
            await self.over.wait()
            raise SinkError("interrupted", written=1)

        def interrupt(self):
            self.over.set()

    async with Feed(Interruptible()) as feed:
        feed.lines("a", "b")
        await asyncio.sleep(1)
        await feed.outlet.stop(1)
        assert feed.outlet.written == 1
        assert feed.outlet.abandon() == 1


async def test_an_interruption_that_fails_is_told_of(capsys):
    """The write is cancelled instead."""

    class Broken(ScriptedSink):
        def interrupt(self):
            raise HostileError

    async with Feed(Broken([Hang()])) as feed:
        feed.lines("a")
        await asyncio.sleep(1)
    assert "interrupting MemorySink(0 lines) failed: HostileError" in capsys.readouterr().err


@pytest.mark.parametrize("step", [Hang(), Fail(), Fail(seconds=9), LateAnswer(9)])
async def test_stopped_it_leaves_no_task(step):
    """Whatever it was doing."""
    async with Feed(ScriptedSink([step, step])) as feed:
        feed.lines("a")
        await asyncio.sleep(0.01)


async def test_a_sink_that_swallows_its_cancellation_is_left_behind():
    """What it does later on changes no account, and raises nothing."""
    told = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

    class Stubborn(MemorySink):
        async def flush(self, *, durable=False):
            for _ in range(5):
                try:
                    await asyncio.sleep(1)
                except asyncio.CancelledError:
                    continue

    feed = Feed(Stubborn())
    feed.lines("a")
    feed.flush().cancel()
    await asyncio.sleep(0.1)
    await feed.outlet.stop(1)
    feed.outlet.abandon()
    await asyncio.sleep(20)
    assert (feed.ledger.emitted, feed.ledger.dropped, told) == (1, 0, [])


async def test_what_is_left_is_counted_as_dropped():
    """Batch under way and backlog alike."""
    async with Feed(ScriptedSink([Hang()])) as feed:
        feed.lines("a")
        await asyncio.sleep(1)
        feed.lines("b", "c")
        await feed.outlet.stop(1)
        assert feed.outlet.abandon() == 3
        assert feed.ledger.statistics(0).dropped_by_cause == {
            "not written when the logger closed": 3
        }


# -- without a loop -------------------------------------------------------------------------------


async def test_without_a_loop_all_is_written_at_once():
    """Flushes have nobody left who waits for them."""
    sink = ScriptedSink()
    async with Feed(sink) as feed:
        feed.lines("a")
        flushing = feed.flush()
        feed.lines("b")
        feed.outlet.write_now()
        assert sink.lines == ["a", "b"]
        flushing.cancel()
        await turns(2)


async def test_without_a_loop_a_batch_under_way_goes_first():
    """It is the same one: its sink knows whether it was written."""
    sink, batches = ScriptedSink([Hang()]), []
    sink.write_now = batches.append
    async with Feed(sink) as feed:
        feed.lines("a")
        await asyncio.sleep(1)
        feed.lines("b")
        feed.outlet.write_now()
        assert [batch.lines for batch in batches] == [["a"], ["b"]]


async def test_without_a_loop_what_is_refused_holds_up_nothing():
    """The rest is written."""
    sink, errors, batches = ScriptedSink(), [SinkError("too long", lost=1)], []

    def write_now(batch):
        batches.append(batch.lines)
        if errors:
            raise errors.pop()

    sink.write_now = write_now
    async with Feed(sink) as feed:
        feed.lines("a", "b")
        feed.outlet.write_now()
        assert batches == [["a", "b"], ["1 refused", "b"]]
        feed.outlet.written -= 1  # the notice is in no account


@pytest.mark.parametrize(
    ("error", "emitted"), [(SinkError("full", written=2), 2), (OSError(), 0), (HostileError(), 0)]
)
async def test_without_a_loop_what_fails_is_counted(error, emitted, capsys):
    """There is no time to try again."""
    sink = ScriptedSink()

    def fail(batch):
        raise error

    sink.write_now = fail
    async with Feed(sink) as feed:
        feed.lines("a", "b", "c")
        feed.outlet.write_now()
        assert (feed.ledger.emitted, feed.ledger.dropped) == (emitted, 3 - emitted)
    assert f"{fallback.count_of(3 - emitted)} not written to " in capsys.readouterr().err


async def test_without_a_loop_a_sink_that_needs_one_loses_its_lines(capsys):
    """They are counted, and told of."""

    class Needy:
        async def open(self):
            """Do nothing."""

        async def write(self, batch, /):
            """Do nothing."""

        def __repr__(self):
            return "Needy()"

    async with Feed(Needy()) as feed:
        feed.lines("a")
        feed.outlet.write_now()
        assert feed.ledger.dropped == 1
    assert capsys.readouterr().err == "asynclog: 1 line not written to Needy()\n"


class Taking(MemorySink):
    """Takes the lines out of the lists that it is given."""

    def __init__(self, *errors):
        super().__init__()
        self.errors = list(errors)
        self.taken = []

    async def write(self, batch, /):
        """Take them, and perhaps fail."""
        await asyncio.sleep(0)
        taken = [batch.lines.pop(0) for _ in batch.records[:]]
        batch.records.clear()
        if self.errors:
            raise self.errors.pop()
        self.taken += taken


@pytest.mark.parametrize("errors", [[], [SinkError("no")]])
async def test_a_sink_that_empties_its_batch_gets_each_line_once(errors):
    """The lists are its own."""
    async with Feed(Taking(*errors)) as feed:
        feed.lines("a", "b")
        feed.lines("c")
        await feed.flush()
        await feed.flush()
        assert feed.sink.taken == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([[MAX_TEXT, 1], [1]], [1, 2]),
        ([[MAX_TEXT + 1], [1, 1]], [1, 2]),
        ([[1, MAX_TEXT - 1, 1]], [2, 1]),
        ([[1], [MAX_TEXT], [1]], [1, 1, 1]),
        ([[MAX_TEXT // 2] * 5], [2, 2, 1]),
    ],
)
async def test_a_batch_has_a_bounded_text(lengths, expected):
    """One line alone may be longer."""
    async with Feed(Counting()) as feed:
        for some in lengths:
            feed.lines(*("x" * length for length in some))
        assert await feed.flush() == []
        assert [len(batch) for batch in feed.sink.batches] == expected
