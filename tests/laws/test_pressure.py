"""Room: who waits for it, and how long."""

from __future__ import annotations

import asyncio

import pytest

from asynclog import BufferedLogger, Handler, Overflow
from asynclog.testing import Hang, ScriptedSink

pytestmark = pytest.mark.virtual


async def test_a_caller_does_not_wait_for_the_age_of_others():
    """Lines that wait only for company go out as soon as somebody needs their room."""
    loop = asyncio.get_running_loop()
    async with BufferedLogger(100, 3600, capacity=2, handlers=Handler(ScriptedSink())) as logger:
        began = loop.time()
        for number in range(10):
            await logger.sender_with_label(str(number)).info("x")
        assert loop.time() == began


async def test_a_line_is_not_dropped_for_the_age_of_others():
    """The sink is idle, and a turn of the loop is enough to make room."""
    handler = Handler(ScriptedSink())
    async with BufferedLogger(
        100, 3600, capacity=2, overflow=Overflow.DROP_NEWEST, handlers=handler
    ) as logger:
        for number in range(3):
            await logger.sender_with_label(str(number)).info("x")
        await asyncio.sleep(1)
        await logger.sender_with_label("last").info("y")
        await logger.flush()
        assert logger.statistics().dropped == 1


async def test_a_notice_of_losses_does_not_let_later_lines_overtake():
    """It may be due while a batch has been given to one handler and not yet to the next."""
    hung, well = ScriptedSink([Hang()]), ScriptedSink()
    handlers = Handler(hung, capacity=2, overflow=Overflow.DROP_OLDEST), Handler(well)
    async with BufferedLogger(
        1, 3600, capacity=6, overflow=Overflow.DROP_NEWEST, handlers=handlers
    ) as logger:
        sender = logger.sender_with_label("a")
        for number in range(2):
            await sender.info(str(number))
            await asyncio.sleep(1)
        for number in range(2, 10):  # room for four of them, until the first handler makes some
            await sender.info(str(number))
        await asyncio.sleep(1)
        hung.release()
    written = [record.message for record in well.records if record.label == "a"]
    assert written == sorted(written)
