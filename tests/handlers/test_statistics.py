"""What handlers and sinks say of themselves."""

from __future__ import annotations

import asyncio

import pytest

from asynclog import BufferedLogger, Handler, Overflow
from asynclog.sinks import MemorySink
from asynclog.testing import Fail, Hang, ScriptedSink

pytestmark = pytest.mark.virtual


def logger_to(*handlers, **options):
    """Return a logger that sends each line out at once, on the virtual clock."""
    return BufferedLogger(1, 60, handlers=handlers, clock=asyncio.get_running_loop(), **options)


async def test_each_sink_counts_its_own_lines():
    """One handler keeps less than the other."""
    async with logger_to(Handler(MemorySink()), Handler(MemorySink(), level="error")) as logger:
        sender = logger.sender_with_label("a")
        sender.info("a")
        sender.error("b")
    one, two = logger.statistics().handlers
    assert ([one.sinks[0].written, two.sinks[0].written], one.name) == (
        [2, 1],
        "Handler(MemorySink(2 lines))",
    )
    assert (one.waiting, one.lost, one.sinks[0].waiting, one.sinks[0].lost) == (0, 0, 0, 0)


async def test_before_the_logger_is_open_there_are_none():
    """Nothing is at work."""
    assert logger_to(Handler(MemorySink())).statistics().handlers == ()


async def test_a_sink_that_fails_says_since_when_and_why():
    """Until it works again; the last error stays."""
    loop = asyncio.get_running_loop()
    sink = ScriptedSink([Fail(seconds=1), Fail(error=OSError("disk full")), Hang()])
    async with logger_to(Handler(sink)) as logger:
        logger.sender_with_label("a").info("a")
        began = loop.time_ns() + 1_000_000_000
        await asyncio.sleep(5)
        (failing,) = logger.statistics().handlers[0].sinks
        assert (failing.failing_since, failing.last_error) == (began, "OSError: disk full")
        assert (failing.waiting, failing.written) == (1, 0)
        sink.release()
        await logger.flush()
        (works,) = logger.statistics().handlers[0].sinks
        assert (works.failing_since, works.last_error) == (None, "OSError: disk full")
        assert (works.waiting, works.written) == (0, 1)


async def test_an_error_that_may_quote_a_line_is_named_only():
    """A statistic is shown where the log must not be."""
    sink = ScriptedSink([Fail(error=ValueError("password=1234"))])
    async with logger_to(Handler(sink)) as logger:
        logger.sender_with_label("a").info("password=1234")
    (failed,) = logger.statistics().handlers[0].sinks
    assert (failed.last_error, failed.lost) == ("ValueError", 1)


async def test_a_handler_counts_what_it_had_no_room_for():
    """Apart from what its sinks lost: two lines, and the one that tells of the other three."""
    handler = Handler(ScriptedSink([Hang()]), capacity=2, overflow=Overflow.DROP_NEWEST)
    async with BufferedLogger(5, 60, handlers=handler, close_timeout=1) as logger:
        for i in range(5):
            logger.sender_with_label("a").info(str(i))
    (one,) = logger.statistics().handlers
    assert (one.lost, one.sinks[0].lost) == (3, 3)


@pytest.mark.parametrize("lines", [1, 3_000])
async def test_what_a_sink_had_not_taken_at_the_end_is_lost(lines):
    """Also if another sink has it, so that the account itself has no loss."""
    handlers = [Handler(MemorySink()), Handler(ScriptedSink([Hang()]))]
    async with logger_to(*handlers, close_timeout=1) as logger:
        for _ in range(lines):
            await logger.sender_with_label("a").info("a")
    account = logger.statistics()
    assert (account.emitted, account.dropped) == (lines, 0)
    assert [one.sinks[0].written for one in account.handlers] == [lines, 0]
    assert [one.sinks[0].lost for one in account.handlers] == [0, lines]


async def test_a_line_that_no_sink_of_a_handler_took_is_lost_once():
    """Although two might have taken it, the sink and its fallback."""
    handler = Handler(ScriptedSink([Hang()]), fallback=ScriptedSink([Hang()]))
    async with logger_to(handler, close_timeout=1) as logger:
        for _ in range(3_000):
            await logger.sender_with_label("a").info("a")
    assert sum(one.lost for one in logger.statistics().handlers[0].sinks) == 3_000


async def test_a_fallback_counts_what_it_took():
    """It is the last of the handler's sinks."""
    sink = ScriptedSink([Fail(written=1)])
    async with BufferedLogger(3, 60, handlers=Handler(sink, fallback=MemorySink())) as logger:
        for message in "abc":
            logger.sender_with_label("a").info(message)
    assert [one.written for one in logger.statistics().handlers[0].sinks] == [1, 2]


async def test_a_handler_that_was_replaced_is_shown_until_it_has_ended():
    """Somebody may wonder where its lines are."""
    old = Handler(ScriptedSink([Hang()]))
    async with logger_to(old, close_timeout=2) as logger:
        logger.sender_with_label("a").info("a")
        await logger.set_handlers(Handler(MemorySink()))
        await asyncio.sleep(1)
        assert [one.sinks[0].waiting for one in logger.statistics().handlers] == [1, 0]
        await asyncio.sleep(2)
        assert len(logger.statistics().handlers) == 1
