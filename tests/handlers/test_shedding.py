"""What a handler says of lines for which it had no room."""

from __future__ import annotations

import asyncio

import pytest

from asynclog import BufferedLogger, Handler, Overflow
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Hang, ScriptedSink

pytestmark = pytest.mark.virtual


def messages(sink):
    """Return the text of all lines in *sink*."""
    return [record.message for record in sink.records]


@pytest.mark.parametrize(
    ("overflow", "kept"),
    [(Overflow.DROP_NEWEST, list("01234")), (Overflow.DROP_OLDEST, list("56789"))],
)
async def test_it_is_announced_in_the_handlers_own_stream(overflow, kept):
    """Another handler has all the lines, so that none is dropped from the account."""
    slow, other = ScriptedSink(), MemorySink()
    handlers = [Handler(slow, capacity=5, overflow=overflow), Handler(other)]
    async with BufferedLogger(10, 60, handlers=handlers) as logger:
        for i in range(10):
            logger.sender_with_label("a").info(str(i))
    assert messages(slow) == [*kept, "5 lines dropped: queue full"]
    assert messages(other) == list("0123456789")
    assert (logger.statistics().dropped, logger.statistics().announced) == (0, 1)


async def test_a_line_that_no_handler_has_is_counted_by_its_cause():
    """And announced once, not by the logger as well."""
    sink = MemorySink()
    handler = Handler(sink, capacity=5, overflow=Overflow.DROP_NEWEST)
    async with BufferedLogger(10, 60, handlers=handler) as logger:
        for i in range(10):
            logger.sender_with_label("a").info(str(i))
    assert messages(sink) == [*"01234", "5 lines dropped: queue full"]
    assert logger.statistics().dropped_by_cause == {"handler's queue full": 5}


async def test_under_lasting_pressure_it_is_announced_once_a_second():
    """Not after each batch."""
    sink = ScriptedSink([Delay(0.1)] * 30)
    handler = Handler(sink, capacity=2, overflow=Overflow.DROP_NEWEST)
    async with BufferedLogger(1, 60, handlers=handler) as logger:
        for i in range(300):
            logger.sender_with_label("a").info(str(i))
            await asyncio.sleep(0.01)
    notices = [one for one in messages(sink) if "dropped" in one]
    assert 2 <= len(notices) <= 5
    dropped = sum(int(one.split()[0]) for one in notices)
    assert dropped == logger.statistics().dropped_by_cause["handler's queue full"]


async def test_a_notice_is_not_what_is_dropped_next():
    """Its count would be lost with it."""
    sink = ScriptedSink([Delay(0), Delay(1), Hang()])
    handler = Handler(sink, capacity=2, overflow=Overflow.DROP_OLDEST)
    async with BufferedLogger(4, 60, handlers=handler) as logger:
        for i in range(400):
            logger.sender_with_label("a").info(str(i))
            await asyncio.sleep(0.01)
        sink.release()
    notices = [one for one in messages(sink) if "dropped" in one]
    dropped = sum(int(one.split()[0].replace(",", "")) for one in notices)
    assert dropped == logger.statistics().dropped_by_cause["handler's queue full"]
