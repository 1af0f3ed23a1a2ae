"""Sinks that do not answer, and sinks that stand in for others."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog import BufferedLogger, FlushError, Handler, Overflow
from asynclog.errors import SinkError, SinkGone
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, LateAnswer, ScriptedSink
from asynclog.testing.virtual import run

pytestmark = pytest.mark.virtual


def messages(sink):
    """Return the text of all lines in *sink*."""
    return [record.message for record in sink.records]


def logger_to(*handlers, **options):
    """Return a logger that sends each line out at once."""
    return BufferedLogger(1, 60, handlers=handlers, **options)


# -- no answer -------------------------------------------------------------------------------------


async def test_a_sink_that_does_not_answer_is_told_of_once_and_once_more_when_it_does(capsys):
    """Its lines wait, and none is written twice."""
    sink = ScriptedSink([Hang()])
    async with logger_to(Handler(sink, write_timeout=2)) as logger:
        for message in "abc":
            logger.sender_with_label("a").info(message)
        await asyncio.sleep(100)
        sink.release()
        await asyncio.sleep(10)
        assert messages(sink) == ["a", "b", "c"]
    first, last = capsys.readouterr().err.splitlines()
    assert first.endswith("no answer for 2 s; its lines are kept, trying again")
    assert "works again after" in last


async def test_a_late_answer_counts():
    """The write was not given up, only not waited for."""
    sink = ScriptedSink([LateAnswer(30)])
    async with logger_to(Handler(sink, write_timeout=2)) as logger:
        logger.sender_with_label("a").info("a")
        await asyncio.sleep(60)
        await logger.flush()
    assert messages(sink) == ["a"]


async def test_a_flush_is_told_in_time_that_a_sink_does_not_answer():
    """It need not wait for ever."""
    async with logger_to(Handler(ScriptedSink([Hang()]), write_timeout=2)) as logger:
        logger.sender_with_label("a").info("a")
        with pytest.raises(FlushError, match=r"1 line not in .*: no answer for 2 s"):
            await logger.flush()


class NeverFlushed(MemorySink):
    """Takes lines, but hangs in flush."""

    async def flush(self, *, durable=False):
        """Hang."""
        await asyncio.sleep(1e9)


async def test_a_flush_that_the_sink_does_not_answer_fails_too():
    """The same time applies."""
    async with logger_to(Handler(NeverFlushed(), write_timeout=2)) as logger:
        logger.sender_with_label("a").info("a")
        with pytest.raises(FlushError, match=r"1 line not in .*: .*no answer for 2 s"):
            await logger.flush()


async def test_what_a_hung_sink_holds_up_is_dropped_by_the_policy():
    """And the loss is announced when it works again."""
    sink = ScriptedSink([Hang()])
    handler = Handler(sink, write_timeout=2, capacity=3, overflow=Overflow.DROP_NEWEST)
    async with logger_to(handler) as logger:
        for message in "abcdef":
            logger.sender_with_label("a").info(message)
            await asyncio.sleep(1)
        sink.release()
    assert messages(sink) == ["a", "b", "c", "3 lines dropped: queue full"]


async def test_closing_ends_in_time_and_leaves_no_task():
    """The write that never ended is cancelled."""
    sink = ScriptedSink([Hang()])
    async with logger_to(Handler(sink, write_timeout=1), close_timeout=5) as logger:
        logger.sender_with_label("a").info("a")
    assert (sink.writing, asyncio.all_tasks()) == (False, {asyncio.current_task()})
    assert logger.statistics().dropped == 1


# -- a fallback ------------------------------------------------------------------------------------


async def test_what_a_sink_gives_up_goes_to_the_fallback(capsys):
    """It is tried again later, with later lines."""
    sink, spare = ScriptedSink([Fail(error=SinkGone("no reader"))]), MemorySink()
    async with logger_to(Handler(sink, fallback=spare)) as logger:
        sender = logger.sender_with_label("a")
        sender.info("a")
        await sender.flush()
        assert messages(spare) == ["a"]
        await asyncio.sleep(10)
        sender.info("b")
    assert (messages(sink), messages(spare)) == (["b"], ["a"])
    assert logger.statistics().dropped == 0
    assert "takes its lines" in capsys.readouterr().err.splitlines()[0]


async def test_what_a_sink_has_written_does_not_go_to_the_fallback():
    """Only the rest of the batch does."""
    sink, spare = ScriptedSink([Fail(written=2)]), MemorySink()
    async with BufferedLogger(5, 60, handlers=Handler(sink, fallback=spare)) as logger:
        for message in "abcde":
            logger.sender_with_label("a").info(message)
        await logger.flush()
    assert (messages(sink), messages(spare)) == (["a", "b"], ["c", "d", "e"])


async def test_while_a_sink_fails_all_lines_go_to_the_fallback():
    """It is tried with growing pauses."""
    sink, spare = ScriptedSink([Fail()] * 5), MemorySink()
    async with logger_to(Handler(sink, fallback=spare)) as logger:
        for i in range(100):
            await logger.sender_with_label("a").info(str(i))
            await asyncio.sleep(0.1)
    assert sorted(messages(sink) + messages(spare), key=int) == [str(i) for i in range(100)]
    assert len(messages(spare)) > 10
    assert messages(sink)[-1] == "99"


async def test_a_sink_that_does_not_answer_keeps_what_it_has():
    """Nobody knows whether it wrote it; what comes after goes to the fallback."""
    sink, spare = ScriptedSink([Hang()]), MemorySink()
    async with logger_to(Handler(sink, fallback=spare, write_timeout=2)) as logger:
        sender = logger.sender_with_label("a")
        sender.info("a")
        await asyncio.sleep(3)
        for message in "bc":
            sender.info(message)
        await asyncio.sleep(30)
        assert (messages(sink), messages(spare)) == ([], ["b", "c"])
        sink.release()
        await asyncio.sleep(30)
        await sender.flush()
    assert (messages(sink), messages(spare)) == (["a"], ["b", "c"])


async def test_a_flush_is_told_of_what_such_a_sink_keeps():
    """It is in neither."""
    sink, spare = ScriptedSink([Hang()]), MemorySink()
    async with logger_to(Handler(sink, fallback=spare, write_timeout=2)) as logger:
        logger.sender_with_label("a").info("a")
        with pytest.raises(FlushError, match="1 line not in"):
            await logger.flush()


async def test_a_flush_waits_for_the_fallback():
    """That has the lines now."""
    sink, spare = ScriptedSink([Fail()]), ScriptedSink([Delay(5)])
    async with logger_to(Handler(sink, fallback=spare)) as logger:
        logger.sender_with_label("a").info("a")
        await logger.flush()
        assert messages(spare) == ["a"]


async def test_a_flush_is_told_that_the_fallback_fails():
    """With the name of the fallback's fault."""
    sink = ScriptedSink([Fail()])
    spare = ScriptedSink([Fail(error=OSError("disk full"))] * 3)
    async with logger_to(Handler(sink, fallback=spare)) as logger:
        logger.sender_with_label("a").info("a")
        with pytest.raises(FlushError, match=r"1 line not in .*: OSError: disk full"):
            await logger.flush()


async def test_both_sinks_are_closed():
    """Once each."""
    sinks = [ScriptedSink(), ScriptedSink()]
    async with logger_to(Handler(sinks[0], fallback=sinks[1])):
        pass
    assert [sink.closed for sink in sinks] == [1, 1]


async def test_a_fallback_may_become_a_sink_of_its_own():
    """And the sink itself may stay without one."""
    sink, spare = ScriptedSink([Fail(), Delay(0)]), ScriptedSink()
    async with logger_to(Handler(sink, fallback=spare)) as logger:
        sender = logger.sender_with_label("a")
        sender.info("a")
        await sender.flush()
        await logger.set_handlers([Handler(sink), Handler(spare)])
        sender.info("b")
        await asyncio.sleep(10)
        await sender.flush()
    assert (messages(sink), messages(spare)) == (["b"], ["a", "b"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fallback": 3}, "sinks: expected objects with open"),
        ({"write_timeout": 0}, "write_timeout: expected a span above zero, got 0"),
        ({"write_timeout": "2s"}, "write_timeout: expected seconds or a timedelta, got '2s'"),
    ],
)
def test_a_bad_option_is_refused(options, message):
    """When the handler is built."""
    with pytest.raises(ValueError, match=message):
        Handler(MemorySink(), **options)


def test_a_fallback_stands_in_for_one_sink():
    """Which must be another one."""
    with pytest.raises(ValueError, match="fallback: expected one sink beside it, got 2"):
        Handler(MemorySink(), MemorySink(), fallback=MemorySink())
    sink = MemorySink()
    with pytest.raises(ValueError, match="the same sink was given twice"):
        Handler(sink, fallback=sink)


STEPS = st.one_of(
    st.sampled_from([0, 0.01, 1, 5]).map(Delay),
    st.integers(0, 3).map(Fail),
    st.just(Fail(error=SinkGone("gone"))),
)


@settings(max_examples=60, deadline=None)
@given(
    plan=st.lists(STEPS, max_size=8),
    steps=st.lists(st.tuples(st.integers(1, 20), st.sampled_from([0, 0.01, 3])), max_size=10),
    patience=st.sampled_from([None, 2]),
    flushing=st.booleans(),
)
def test_whatever_happens_every_line_is_in_exactly_one_sink(plan, steps, patience, flushing):
    """And after a flush that succeeded, it is there already."""
    sink, spare = ScriptedSink(plan), MemorySink()
    late = []

    async def play():
        number = 0
        handler = Handler(sink, fallback=spare, write_timeout=patience)
        async with BufferedLogger(4, 60, handlers=handler, close_timeout=1000) as logger:
            sender = logger.sender_with_label("a")
            for count, pause in steps:
                for _ in range(count):
                    await sender.info(str(number))
                    number += 1
                await asyncio.sleep(pause)
                if flushing and await asyncio.gather(sender.flush(), return_exceptions=True) == [
                    None
                ]:
                    late.append(number - len(sink.records) - len(spare.records))
        return number

    number = run(play())
    written = sorted(int(one) for one in messages(sink) + messages(spare))
    assert written == list(range(number))
    assert set(late) <= {0}


async def test_what_a_sink_refuses_goes_to_the_fallback_alone():
    """The lines beside it stay with the sink."""
    sink = ScriptedSink([Fail(written=1, error=SinkError("too long", written=1, lost=1))])
    spare = MemorySink()
    async with logger_to(Handler(sink, fallback=spare)) as logger:
        for message in "abc":
            logger.sender_with_label("a").info(message)
    assert (messages(sink), messages(spare)) == (["a", "c"], ["b"])
    assert logger.statistics().dropped == 0
