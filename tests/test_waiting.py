"""What `log()` returns."""

from __future__ import annotations

import asyncio
import gc

import pytest

from asynclog.buffers import LabelBuffer
from asynclog.ledger import Cause
from asynclog.waiting import ACCEPTED, YIELDING, Deferred, Waiting

from .making import record

every_loop = pytest.mark.every_loop


async def outcome(awaitable):
    """Await *awaitable*, in a coroutine."""
    return await awaitable


async def as_it_is(awaitable):
    """Await it, as nearly everybody does."""
    return await awaitable


async def in_a_task(awaitable):
    """Make a task of it."""
    return await asyncio.create_task(awaitable)


async def gathered(awaitable):
    """Gather it with another."""
    return (await asyncio.gather(awaitable, asyncio.sleep(0)))[0]


async def with_a_timeout(awaitable):
    """Wait for it, but not for ever."""
    return await asyncio.wait_for(awaitable, 5)


async def shielded(awaitable):
    """Wait for it, shielded."""
    return await asyncio.shield(awaitable)


async def in_a_group(awaitable):
    """Make it a task of a group."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(awaitable)
    return task.result()


async def as_a_future(awaitable):
    """Let asyncio decide what it is."""
    return await asyncio.ensure_future(awaitable)


async def as_completed(awaitable):
    """Take it as it comes."""
    return await next(iter(asyncio.as_completed([awaitable])))


WAYS = [
    as_it_is,
    in_a_task,
    gathered,
    with_a_timeout,
    shielded,
    in_a_group,
    as_a_future,
    as_completed,
]


class Gate:
    """Lets lines in when it is opened."""

    def __init__(self):
        self.opened = asyncio.Event()
        self.admitted, self.lost = [], []

    async def wait_for_room(self, buffer, line):
        """Wait for the gate."""
        await self.opened.wait()
        self.admitted.append((buffer.label, line.message))

    def lose(self, line, cause):
        """Note it."""
        self.lost.append((line.message, cause))


class Turns:
    """Counts the turns of the loop."""

    def __init__(self):
        self.count = 0
        asyncio.get_running_loop().call_soon(self.turn)

    def turn(self):
        """Count one, and go on."""
        self.count += 1
        asyncio.get_running_loop().call_soon(self.turn)


@every_loop
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("done", [ACCEPTED, YIELDING], ids=repr)
async def test_a_line_that_was_accepted_can_be_awaited_in_every_way(way, done):
    """Again and again, for all calls share the object."""
    assert [await way(done) for _ in range(3)] == [None] * 3


def test_it_can_be_awaited_on_one_loop_after_another():
    """It belongs to none of them."""
    assert [asyncio.run(gathered(ACCEPTED)) for _ in range(2)] == [None, None]


@every_loop
async def test_awaiting_an_accepted_line_costs_no_turn_of_the_loop():
    """It would cost more than the line itself."""
    turns = Turns()
    await ACCEPTED
    assert turns.count == 0


@every_loop
async def test_now_and_then_others_are_let_run():
    """By one turn for each await."""
    turns = Turns()
    await YIELDING
    await YIELDING
    assert turns.count == 2


@pytest.mark.parametrize("done", [ACCEPTED, YIELDING], ids=repr)
def test_outside_of_a_loop_it_can_be_stepped_through(done):
    """As other frameworks' runners do."""
    with pytest.raises(StopIteration):
        done.send(None)
    with pytest.raises(KeyError, match="x"):
        done.throw(KeyError("x"))
    assert done.close() is None


@every_loop
async def test_a_task_made_of_an_accepted_line_can_be_cancelled():
    """It ends as any task does."""
    task = asyncio.create_task(ACCEPTED)
    task.cancel()
    await asyncio.wait([task])
    assert task.done()


def test_it_says_what_it_is():
    """To whoever prints it in surprise."""
    assert [repr(ACCEPTED), repr(YIELDING)] == ["<accepted>", "<accepted, to be awaited>"]


@pytest.fixture(name="gate")
async def _gate():
    return Gate()


def waiting(gate):
    """Return what `log` returns for a line without room."""
    return Waiting(gate, LabelBuffer("a"), record())


@every_loop
@pytest.mark.parametrize("way", WAYS)
async def test_awaited_it_waits_until_the_line_is_in(gate, way):
    """And no longer."""
    task = asyncio.create_task(way(waiting(gate)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()
    gate.opened.set()
    await task
    assert (gate.admitted, gate.lost) == ([("a", "text")], [])


async def test_never_awaited_the_line_is_counted(gate):
    """A call without `await` loses no line in silence."""
    waiting(gate)
    gc.collect()
    assert gate.lost == [("text", Cause.NOT_AWAITED)]


async def test_closed_the_line_is_counted_once(gate):
    """As by whoever has no use for a coroutine."""
    one = waiting(gate)
    one.close()
    one.close()
    del one
    assert gate.lost == [("text", Cause.NOT_AWAITED)]


async def test_cancelled_before_it_began_to_wait_the_line_is_counted(gate):
    """The task that was to wait never ran."""
    task = asyncio.create_task(waiting(gate))
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert gate.lost == [("text", Cause.CANCELLED)]


async def test_waited_for_with_no_time_at_all_the_line_is_counted(gate):
    """It never began to wait."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waiting(gate), 0)
    assert gate.lost == [("text", Cause.CANCELLED)]


@pytest.mark.parametrize("wrapped", [outcome, lambda awaitable: awaitable])
async def test_cancelled_while_it_waits_the_gate_decides(gate, wrapped):
    """It knows whether the line came in at the same moment."""
    task = asyncio.create_task(wrapped(waiting(gate)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    del task
    gc.collect()
    assert (gate.admitted, gate.lost) == ([], [])


async def test_closed_while_it_waits_the_wait_ends(gate):
    """The gate sees it end."""
    one = waiting(gate)
    one.send(None)
    one.close()
    assert gate.lost == []
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        one.send(None)


async def test_awaited_twice_it_says_so(gate):
    """The line came in the first time."""
    gate.opened.set()
    one = waiting(gate)
    await one
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        await one
    assert len(gate.admitted) == 1


async def test_closed_and_then_awaited_it_says_so(gate):
    """The line was given up."""
    one = waiting(gate)
    one.close()
    with pytest.raises(RuntimeError, match=r"a call of log\(\) cannot be awaited twice"):
        await one


class Slow:
    """Notes that it began, and that it came to its end."""

    def __init__(self):
        self.seen = []

    async def __call__(self):
        """Take two turns of the loop."""
        self.seen.append("begin")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.seen.append("end")


@every_loop
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_deferred_can_be_awaited_in_every_way(way):
    """It begins then."""
    slow = Slow()
    deferred = Deferred(slow)
    assert slow.seen == []
    assert await way(deferred) is None
    assert slow.seen == ["begin", "end"]


def test_what_is_deferred_may_be_thrown_away():
    """It never began, and nobody is warned of it."""
    slow = Slow()
    Deferred(slow).close()
    Deferred(slow)
    gc.collect()
    assert slow.seen == []


@pytest.mark.parametrize(("turns", "seen"), [(0, []), (1, ["begin"])])
async def test_what_is_deferred_can_be_cancelled(turns, seen):
    """Before it began, and while it waits."""
    slow = Slow()
    task = asyncio.create_task(Deferred(slow))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert slow.seen == seen


def test_what_is_deferred_can_be_closed_while_it_waits():
    """As a coroutine can."""
    slow = Slow()
    deferred = Deferred(slow)
    deferred.send(None)
    deferred.close()
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        deferred.send(None)
