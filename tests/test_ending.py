"""Work that must come to its end."""

import asyncio
from functools import partial

import pytest

from asynclog.ending import Ending

pytestmark = pytest.mark.virtual


class Work:
    """Takes five seconds, unless it is broken off."""

    def __init__(self):
        self.begun = self.ended = 0

    async def __call__(self):
        """Work."""
        self.begun += 1
        await asyncio.sleep(5)
        self.ended += 1


def ending(work):
    """Return *work*, begun."""
    return Ending(work, asyncio.get_running_loop(), "work")


@pytest.mark.parametrize("times", [1, 2])
async def test_cancelled_it_waits_all_the_same(times):
    """Only then is the caller cancelled."""
    work = Work()
    waiter = asyncio.create_task(ending(work).wait())
    for _ in range(times):
        await asyncio.sleep(1)
        waiter.cancel()
    await asyncio.wait([waiter])
    assert (work.ended, waiter.cancelled()) == (1, True)


async def test_what_the_work_raises_is_raised():
    """Nobody else would hear of it."""

    async def fail():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await ending(fail).wait()


@pytest.mark.parametrize("seconds", [0, 3])
async def test_work_that_was_broken_off_is_begun_anew(seconds):
    """The waiter was not meant."""
    work = Work()
    waiter = asyncio.create_task(ending(work).wait())
    await asyncio.sleep(seconds)
    for task in asyncio.all_tasks() - {waiter, asyncio.current_task()}:
        task.cancel()
    assert await waiter is None
    assert work.ended == 1


async def test_all_who_wait_hear_of_the_end():
    """The work is done once."""
    work = Work()
    one = ending(work)
    await asyncio.gather(*(one.wait() for _ in range(3)))
    assert (work.begun, work.ended) == (1, 1)


async def test_ended_it_is_not_waited_for():
    """It takes no time."""
    one = ending(partial(asyncio.sleep, 0))
    await one.wait()
    before = asyncio.get_running_loop().time()
    await one.wait()
    assert asyncio.get_running_loop().time() == before


async def test_who_goes_on_cancelling_is_heeded():
    """Else a loop that somebody wants to end never would; later, the work can be done."""
    work = Work()
    one = ending(work)
    waiter = asyncio.create_task(one.wait())
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)
    assert (waiter.cancelled(), work.ended) == (True, 0)
    await one.wait()
    assert work.ended == 1
