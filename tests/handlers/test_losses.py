"""Lines that a sink gave up, and who has been told of them."""

from __future__ import annotations

import asyncio

import pytest

from asynclog import BufferedLogger, FlushError, Handler, UnbufferedLogLineSender
from asynclog.handlers import losses
from asynclog.handlers.losses import Losses
from asynclog.testing import Fail, ScriptedSink

from ..making import record


class Clock:
    """Shows what it is set to, in seconds."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        """Return it."""
        return self.now


@pytest.fixture(name="clock")
def _clock():
    return Clock()


@pytest.fixture(name="lost")
def _lost(clock):
    """Three lines of one label and one of another."""
    one = Losses(clock)
    one.add([record(label="a"), record(label="b"), record(label="a"), record(label="a")])
    return one


@pytest.mark.parametrize(("label", "count"), [("a", 3), ("b", 1), ("c", 0), (None, 4)])
def test_a_flush_is_owed_the_losses_of_its_label(lost, label, count):
    """A flush of all, those of all labels."""
    assert lost.owed(label, asked_at=1) == count


def test_losses_are_owed_until_they_were_told(lost):
    """A flush that was cancelled was told nothing."""
    assert [lost.owed("a", asked_at=1), lost.owed("a", asked_at=2)] == [3, 3]


def test_losses_are_told_once(lost, clock):
    """The next flush is about what came after."""
    clock.now = 1
    lost.tell("a")
    assert [lost.owed("a", asked_at=2), lost.owed(None, asked_at=2)] == [0, 1]


def test_a_flush_under_way_hears_what_another_was_told(lost, clock):
    """Its caller may have sent some of the lines."""
    clock.now = 2
    lost.tell(None)
    assert [lost.owed("a", asked_at=1), lost.owed("a", asked_at=2)] == [3, 3]


def test_losses_that_come_after_are_told_again(lost):
    """Without those that were told before."""
    lost.tell("a")
    lost.add([record(label="a")])
    assert lost.owed("a", asked_at=0) == 1


def test_labels_are_kept_apart_up_to_a_bound(clock, monkeypatch):
    """A sink that never works must not fill the memory with names of labels."""
    monkeypatch.setattr(losses, "MAX_LABELS", 2)
    lost = Losses(clock)
    lost.add(record(label=label) for label in "abcde")
    assert [lost.owed(label, asked_at=1) for label in ("a", "c", "z", None)] == [4, 3, 3, 5]


@pytest.fixture(name="broken")
def _broken():
    """A sink that gives its first line up."""
    return ScriptedSink([Fail(error=ValueError())])


@pytest.mark.virtual
async def test_two_flushes_at_once_both_hear_of_a_loss(broken):
    """Neither caller may take the other's answer for its own."""
    async with BufferedLogger(10, 60, handlers=Handler(broken)) as logger:
        logger.sender_with_label("a").info("x")
        done = await asyncio.gather(logger.flush(), logger.flush(), return_exceptions=True)
    assert [type(one) for one in done] == [FlushError, FlushError]


@pytest.mark.virtual
async def test_a_flush_of_another_label_does_not_use_up_a_loss(broken):
    """Whoever sent the line still hears of it."""
    async with BufferedLogger(10, 60, handlers=Handler(broken)) as logger:
        a, b = map(logger.sender_with_label, "ab")
        a.info("x")
        await asyncio.gather(logger.flush(), return_exceptions=True)
        broken.plan.append(Fail(error=ValueError()))
        a.info("y")
        await asyncio.sleep(61)
        await b.flush()
        with pytest.raises(FlushError, match="1 line not in"):
            await a.flush()


@pytest.mark.virtual
async def test_an_unbuffered_line_that_was_lost_is_told_to_flush(broken):
    """The call of log() itself must not raise because of a sink."""
    async with UnbufferedLogLineSender("a", Handler(broken)) as sender:
        await sender.info("x")
        with pytest.raises(FlushError, match="1 line not in"):
            await sender.flush()
