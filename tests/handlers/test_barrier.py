"""A flush on its way through every sink."""

from __future__ import annotations

import asyncio

import pytest

from asynclog.errors import FlushError, SinkFailure
from asynclog.handlers.barrier import Barrier

pytestmark = pytest.mark.virtual

FULL = SinkFailure("A", 3, "full")


class Stage:
    """Keeps what it is offered."""

    def __init__(self):
        self.offered = []

    def offer_barrier(self, barrier):
        """Keep it."""
        self.offered.append(barrier)


def barrier_for(*sinks, stages=(), **options):
    """Return a barrier that waits for *sinks*."""
    return Barrier(asyncio.get_running_loop(), stages, frozenset(sinks), **options)


async def waits(barrier):
    """Tell whether *barrier* is still on its way."""
    task = asyncio.create_task(barrier.wait())
    await asyncio.sleep(1)
    done = task.done()
    task.cancel()
    return not done


async def test_it_goes_into_every_stage():
    """Each of them passes it on to its sinks."""
    stages = Stage(), Stage()
    barrier = barrier_for("a", stages=stages)
    barrier.send()
    assert [stage.offered for stage in stages] == [[barrier], [barrier]]


@pytest.mark.parametrize(("spoken", "waiting"), [("", True), ("a", True), ("ab", False)])
async def test_it_waits_for_the_word_of_every_sink(spoken, waiting):
    """One that is silent is waited for."""
    barrier = barrier_for("a", "b")
    for sink in spoken:
        barrier.pass_(sink)
    assert await waits(barrier) == waiting


async def test_without_sinks_there_is_nothing_to_wait_for():
    """All lines are in all of them."""
    await barrier_for().wait()


async def test_who_waits_is_told_when_the_last_sink_speaks():
    """And not before."""
    barrier = barrier_for("a")
    task = asyncio.create_task(barrier.wait())
    await asyncio.sleep(1)
    assert not task.done()
    barrier.pass_("a")
    await task


async def test_a_failure_is_raised_when_all_have_spoken():
    """With what each of the failed sinks said."""
    barrier = barrier_for("a", "b", "c")
    barrier.pass_("a", FULL)
    barrier.pass_("b", FULL._replace(sink="B"))
    barrier.pass_("c")
    with pytest.raises(FlushError) as raised:
        await barrier.wait()
    assert [failure.sink for failure in raised.value.failures] == ["A", "B"]


async def test_only_the_first_word_of_a_sink_counts():
    """A sink that failed and then recovered had failed when it was asked."""
    barrier = barrier_for("a")
    barrier.pass_("a", FULL)
    barrier.pass_("a")
    with pytest.raises(FlushError, match="3 lines not in A: full"):
        await barrier.wait()


async def test_the_word_of_a_stranger_does_not_count():
    """It may be a sink that came later."""
    barrier = barrier_for("a")
    barrier.pass_("z", FULL)
    assert await waits(barrier)


async def test_a_cancelled_flush_may_still_be_answered():
    """The sinks do not know that nobody waits any more."""
    barrier = barrier_for("a")
    task = asyncio.create_task(barrier.wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    barrier.pass_("a", FULL)
    assert task.cancelled()


@pytest.mark.parametrize("options", [{}, {"durable": True}, {"patient": True}])
async def test_it_carries_what_is_asked_of_the_sinks(options):
    """By itself it asks for little."""
    barrier = barrier_for("a", **options)
    asked = {"durable": barrier.durable, "patient": barrier.patient}
    assert asked == {"durable": False, "patient": False} | options
