"""A loop that is held up."""

from __future__ import annotations

import asyncio
import threading
import time

from asynclog.integrations.stalls import StallWatch, place_of


class Watched:
    """A watch whose reports are kept.

    Args:
        limit: seconds.
    """

    def __init__(self, limit):
        self.told = []
        self.watch = StallWatch(
            asyncio.get_running_loop(), limit, lambda *report: self.told.append(report)
        )

    async def look(self):
        """Return what was told, after the loop has come round."""
        await asyncio.sleep(0.02)
        self.watch.stop()
        return self.told


def hold_up(seconds, watch=None):
    """Do not give the loop its turn; until the place is seen, if there is a *watch* for it."""
    if watch:
        watch._place = None  # on a busy machine it may have seen another one before
    time.sleep(seconds)
    while watch and watch._place is None:
        time.sleep(0.01)


async def test_a_stall_is_told_once_with_its_place():
    """And about as long as it was."""
    watched = Watched(0.1)
    await asyncio.sleep(0)
    hold_up(0.4, watched.watch)
    (seconds,) = [one for one, place in await watched.look() if place.endswith(" in hold_up")]
    assert seconds > 0.2


async def test_a_loop_that_comes_round_is_not_told_of():
    """However much it has to do."""
    watched = Watched(5.0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert await watched.look() == []


def test_a_loop_that_was_not_run_was_not_held_up():
    """Between two runs of it."""
    with asyncio.Runner() as runner:

        async def begin():
            return Watched(0.2)

        watched = runner.run(begin())
        hold_up(0.5)
        assert runner.run(watched.look()) == []


async def test_nothing_is_watched_after_the_end():
    """The thread ends, too."""
    watched = Watched(0.02)
    watched.watch.stop()
    for thread in threading.enumerate():
        if thread.name == "asynclog stall watch":
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


def test_a_thread_that_has_ended_is_nowhere():
    """It has no frames."""
    assert place_of(-1) is None
