"""Room: who waits for it, and how long."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog import BufferedLogger, Handler, Overflow
from asynclog.testing import Delay, Hang, ScriptedSink, run
from asynclog.weight import UNIT


@pytest.mark.virtual
async def test_a_caller_does_not_wait_for_the_age_of_others():
    """Lines that wait only for company go out as soon as somebody needs their room."""
    loop = asyncio.get_running_loop()
    async with BufferedLogger(100, 3600, capacity=2, handlers=Handler(ScriptedSink())) as logger:
        began = loop.time()
        for number in range(10):
            await logger.sender_with_label(str(number)).info("x")
        assert loop.time() == began


@pytest.mark.virtual
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


@pytest.mark.virtual
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


async def _come_in(weights, given_up, pauses):
    """Log lines of these *weights*, one task each, and give some of them up while they wait."""
    sink = ScriptedSink([Delay(seconds) for seconds in pauses])
    async with BufferedLogger(1, 60, capacity=4, handlers=Handler(sink)) as logger:
        sender, tasks = logger.sender_with_label("a"), []
        for number, weight in enumerate(weights):
            tasks.append(asyncio.ensure_future(sender.info(f"{number} ".ljust(weight * UNIT))))
            await asyncio.sleep(0)
        for number in given_up:
            tasks[number % len(tasks)].cancel()
            await asyncio.sleep(0.3)
        await asyncio.gather(*tasks, return_exceptions=True)
    kept = [number for number, task in enumerate(tasks) if not task.cancelled()]
    came = [int(record.message.split()[0]) for record in sink.records if record.label == "a"]
    return kept, came, logger.statistics()


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.integers(1, 6), min_size=1, max_size=12),
    given_up=st.lists(st.integers(0, 11), max_size=4),
    pauses=st.lists(st.sampled_from([0.0, 0.2, 1.0]), max_size=12),
)
def test_whoever_waits_comes_in_in_turn(weights, given_up, pauses):
    """However heavy the lines are, and whoever gives up: none overtakes, and none is stuck."""
    kept, came, account = run(_come_in(weights, given_up, pauses))
    assert came == sorted(came)
    assert set(kept) <= set(came)  # who gives up in the very turn in which he came in is in
    assert account.emitted == len(came)
    assert account.accepted == account.emitted + account.dropped == len(weights)
