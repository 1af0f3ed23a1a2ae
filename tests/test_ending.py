"""Waiting for work that must come to its end."""

import asyncio

import pytest

from asynclog.ending import wait_out

pytestmark = pytest.mark.virtual


async def test_cancelled_it_waits_all_the_same():
    """Only then is the caller cancelled."""
    work = asyncio.create_task(asyncio.sleep(5, "done"))
    waiter = asyncio.create_task(wait_out(work))
    await asyncio.sleep(1)
    waiter.cancel()
    await asyncio.wait([waiter])

    assert (work.result(), waiter.cancelled()) == ("done", True)


async def test_what_the_work_raises_is_raised():
    """Nobody else would hear of it."""

    async def fail():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await wait_out(asyncio.create_task(fail()))


async def test_work_that_is_cancelled_does_not_cancel_the_waiter():
    """The waiter was not meant."""
    work = asyncio.create_task(asyncio.sleep(5))
    work.cancel()

    assert await wait_out(work) is None
