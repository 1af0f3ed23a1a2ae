"""Handlers that are replaced while the logger runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog import BufferedLogger, FlushError, Handler, LoggerClosed
from asynclog.handlers import lane
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, ScriptedSink
from asynclog.testing.virtual import run

pytestmark = pytest.mark.virtual


class Plain:
    """Prints the message alone, behind a mark."""

    def __init__(self, mark="", *, needs_caller=False):
        self.mark, self.needs_caller = mark, needs_caller

    def format(self, record):
        """Return mark and message."""
        return self.mark + record.message


def messages(sink):
    """Return the text of all lines in *sink*."""
    return [record.message for record in sink.records]


def logger_to(*handlers, **options):
    """Return a logger that sends lines out only when asked to."""
    return BufferedLogger(100, 60, handlers=handlers, **options)


async def test_lines_of_before_go_to_the_old_and_later_ones_to_the_new():
    """Also those that wait in a buffer."""
    old, new = ScriptedSink(), ScriptedSink()
    async with logger_to(Handler(old)) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("1")
        await logger.set_handlers(Handler(new))
        await sender.info("2")
    assert (messages(old), messages(new)) == (["1"], ["2"])


async def test_a_sink_that_was_replaced_is_closed():
    """In the background, after it has written its lines."""
    old = ScriptedSink([Delay(1)])
    async with logger_to(Handler(old)) as logger:
        await logger.sender_with_label("a").info("1")
        await logger.set_handlers(Handler(MemorySink()))
        assert (old.closed, messages(old)) == (0, [])
        await asyncio.sleep(2)
        assert (old.closed, messages(old)) == (1, ["1"])


async def test_a_sink_that_stays_is_not_closed_and_gets_its_lines_in_order(monkeypatch):
    """The new handler's lines go behind those of the old one, however slowly that formats."""
    monkeypatch.setattr(lane, "CHUNK", 10)
    monkeypatch.setattr(lane, "SLICE_SECONDS", 0)
    sink = ScriptedSink([Delay(1)])
    async with logger_to(Handler(sink, formatter=Plain("old "))) as logger:
        sender = logger.sender_with_label("a")
        for i in range(1500):
            sender.info(str(i))
        await logger.set_handlers(Handler(sink, formatter=Plain("new ")))
        for i in range(1500, 3000):
            sender.info(str(i))
        await logger.flush()
        assert (sink.opened, sink.closed) == (1, 0)
    assert messages(sink) == [str(i) for i in range(3000)]
    assert [line[:3] for line in sink.lines] == ["old"] * 1500 + ["new"] * 1500


async def test_a_handler_that_stays_is_left_alone():
    """Another one beside it changes nothing for it."""
    sink, other = ScriptedSink(), MemorySink()
    stays = Handler(sink)
    async with logger_to(stays) as logger:
        sender = logger.sender_with_label("a")
        sender.info("1")
        await logger.set_handlers([stays, Handler(other)])
        sender.info("2")
        await logger.flush()
        assert sink.closed == 0
    assert (messages(sink), messages(other)) == (["1", "2"], ["2"])


async def test_a_hung_sink_delays_nothing_and_is_given_up_in_time():
    """Its lines are counted as dropped, and the new sink works meanwhile."""
    old, new = ScriptedSink([Hang()]), MemorySink()
    async with logger_to(Handler(old), close_timeout=3) as logger:
        sender = logger.sender_with_label("a")
        sender.info("1")
        await logger.set_handlers(Handler(new))
        sender.info("2")
        await asyncio.sleep(4)
    counts = logger.statistics()
    assert (messages(new), old.closed) == (["2"], 1)
    assert counts.dropped_by_cause == {"not written when its handler was replaced": 1}
    assert (counts.accepted, counts.emitted, counts.buffered) == (2, 1, 0)


async def test_a_flush_waits_for_the_old_sink_too():
    """Its caller may have sent lines that only that one has."""
    old = ScriptedSink([Delay(1)])
    async with logger_to(Handler(old)) as logger:
        logger.sender_with_label("a").info("1")
        await logger.set_handlers(Handler(MemorySink()))
        await logger.flush()
        assert messages(old) == ["1"]


async def test_a_flush_that_waits_for_the_old_sink_is_told_when_it_is_given_up():
    """It ends then, and raises."""
    async with logger_to(Handler(ScriptedSink([Hang()])), close_timeout=3) as logger:
        sender = logger.sender_with_label("a")
        sender.info("1")
        await logger.set_handlers(Handler(MemorySink()))
        with pytest.raises(FlushError, match=r"1 line not in .*: its handler was replaced"):
            await sender.flush()


async def test_a_flush_tells_once_of_lines_that_the_old_sink_never_took():
    """It was given up before; a flush of another label does not use that up."""
    async with logger_to(Handler(ScriptedSink([Hang()])), close_timeout=3) as logger:
        sender = logger.sender_with_label("a")
        sender.info("1")
        await logger.set_handlers(Handler(MemorySink()))
        await asyncio.sleep(20)
        await logger.sender_with_label("b").flush()
        with pytest.raises(FlushError, match=r"1 line not in .*: its handler was replaced"):
            await sender.flush()
        await asyncio.sleep(1)
        await sender.flush()


async def test_a_retry_goes_on_after_the_replacement():
    """An old sink that fails for a while loses nothing."""
    old = ScriptedSink([Fail(), Fail(), Fail()])
    async with logger_to(Handler(old)) as logger:
        logger.sender_with_label("a").info("1")
        await logger.set_handlers(Handler(MemorySink()))
    assert messages(old) == ["1"]


async def test_a_sink_may_come_back_while_it_still_writes():
    """It is not closed then, and gets everything, in order."""
    sink = ScriptedSink([Delay(2)])
    async with logger_to(Handler(sink)) as logger:
        sender = logger.sender_with_label("a")
        sender.info("1")
        await logger.set_handlers(Handler(MemorySink()))
        await asyncio.sleep(1)
        await logger.set_handlers(Handler(sink))
        sender.info("2")
        await asyncio.sleep(10)
        assert sink.closed == 0
    assert messages(sink) == ["1", "2"]


class SlowToClose(MemorySink):
    """Takes its time."""

    async def aclose(self):
        """Wait."""
        await asyncio.sleep(1)


async def test_a_sink_that_is_being_closed_cannot_come_back():
    """It would be closed under the new handler's feet; the handlers stay as they are."""
    old, new = SlowToClose(), MemorySink()
    async with logger_to(Handler(old)) as logger:
        await logger.set_handlers(Handler(new))
        await asyncio.sleep(0.5)
        with pytest.raises(ValueError, match=r"sinks that are not being closed, got MemorySink"):
            await logger.set_handlers(Handler(old))
        logger.sender_with_label("a").info("1")
    assert messages(new) == ["1"]


async def test_calls_at_once_come_one_after_the_other():
    """The last one holds; no sink is left open."""
    sinks = [ScriptedSink() for _ in range(5)]
    async with logger_to(Handler(MemorySink())) as logger:
        await asyncio.gather(*(logger.set_handlers(Handler(sink)) for sink in sinks))
        logger.sender_with_label("a").info("1")
    assert [sink.closed for sink in sinks] == [1] * 5
    assert [len(sink.records) for sink in sinks] == [0, 0, 0, 0, 1]


async def test_closing_waits_for_the_old_sinks():
    """They have what is left of their own time."""
    old, new = ScriptedSink([Delay(1)]), ScriptedSink()
    logger = await logger_to(Handler(old)).open()
    logger.sender_with_label("a").info("1")
    await logger.set_handlers(Handler(new))
    counts = await logger.aclose()
    assert (old.closed, new.closed, messages(old)) == (1, 1, ["1"])
    assert (counts.accepted, counts.emitted) == (1, 1)


async def test_a_logger_that_closes_takes_no_handlers():
    """And one that is closed neither."""
    logger = await logger_to(Handler(ScriptedSink([Delay(1)]))).open()
    logger.sender_with_label("a").info("1")
    closing = asyncio.create_task(logger.aclose())
    await asyncio.sleep(0.5)
    with pytest.raises(LoggerClosed):
        await logger.set_handlers(Handler(MemorySink()))
    await closing
    with pytest.raises(LoggerClosed):
        await logger.set_handlers(Handler(MemorySink()))


async def test_before_the_logger_is_open_they_are_simply_exchanged():
    """The first ones are never opened."""
    old, new = ScriptedSink(), MemorySink()
    logger = logger_to(Handler(old))
    await logger.set_handlers(Handler(new))
    async with logger:
        logger.sender_with_label("a").info("1")
    assert (old.opened, old.closed, messages(new)) == (0, 0, ["1"])


async def test_levels_are_those_of_the_new_handlers():
    """A line that none of them wants costs nearly nothing again."""
    new = MemorySink()
    async with logger_to(Handler(MemorySink(), level="debug")) as logger:
        await logger.set_handlers(Handler(new, level="error"))
        sender = logger.sender_with_label("a")
        sender.warning("1")
        sender.error("2")
    assert messages(new) == ["2"]
    assert logger.statistics().accepted == 1


async def test_the_caller_is_looked_up_if_a_new_handler_prints_it():
    """The old one did not."""
    new = MemorySink()
    async with logger_to(Handler(MemorySink())) as logger:
        await logger.set_handlers(Handler(new, formatter=Plain(needs_caller=True)))
        logger.sender_with_label("a").info("1")
    assert new.records[0].caller.file == __file__


async def test_bad_handlers_change_nothing():
    """The old ones go on."""
    sink = MemorySink()
    async with logger_to(Handler(sink)) as logger:
        with pytest.raises(ValueError, match="at least one Handler"):
            await logger.set_handlers([])
        logger.sender_with_label("a").info("1")
    assert messages(sink) == ["1"]


async def test_a_retirement_that_was_cancelled_is_made_good_when_closing(capsys):
    """Somebody may cancel all tasks of the loop."""
    old = ScriptedSink([Delay(1)])
    async with logger_to(Handler(old)) as logger:
        logger.sender_with_label("a").info("1")
        await logger.set_handlers(Handler(MemorySink()))
        await asyncio.sleep(0.1)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)
    assert (old.closed, messages(old)) == (1, ["1"])


def test_from_another_loop():
    """It is done on the logger's own."""
    new = MemorySink()

    async def main():
        async with logger_to(Handler(MemorySink())) as logger:
            change = logger.set_handlers(Handler(new))
            await asyncio.to_thread(asyncio.run, change)
            logger.sender_with_label("a").info("1")

    asyncio.run(main())
    assert messages(new) == ["1"]


SINKS = 4
STEPS = st.one_of(st.sampled_from([0, 0.01, 1]).map(Delay), st.integers(0, 3).map(Fail))
ACTIONS = st.one_of(
    st.tuples(st.just("log"), st.integers(1, 700)),
    st.tuples(st.just("set"), st.sets(st.integers(0, SINKS - 1), min_size=1)),
    st.tuples(st.just("sleep"), st.sampled_from([0, 0.001, 0.5])),
    st.tuples(st.just("flush"), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(
    plans=st.lists(st.lists(STEPS, max_size=4), min_size=SINKS, max_size=SINKS),
    actions=st.lists(ACTIONS, max_size=12),
)
def test_every_line_goes_once_to_the_sinks_of_its_time(plans, actions):
    """In order, whatever the sinks do; and after a flush it is there."""
    sinks = [ScriptedSink(plan) for plan in plans]
    expected = [[] for _ in sinks]

    async def play():
        current, number = {0}, 0
        async with logger_to(Handler(sinks[0]), close_timeout=1000) as logger:
            sender = logger.sender_with_label("a")
            for kind, value in actions:
                if kind == "log":
                    for _ in range(value):
                        await sender.info(str(number))
                        for i in current:
                            expected[i].append(str(number))
                        number += 1
                elif kind == "set":
                    if any(sinks[i].closed for i in value - current):
                        continue
                    with suppress(ValueError):  # one is being closed
                        await logger.set_handlers([Handler(sinks[i]) for i in value])
                        current = value
                elif kind == "sleep":
                    await asyncio.sleep(value)
                else:
                    await asyncio.gather(logger.flush(), return_exceptions=True)
        return logger.statistics()

    counts = run(play())
    assert [messages(sink) for sink in sinks] == expected
    assert counts.accepted == counts.emitted + counts.dropped
    assert counts.dropped == 0
