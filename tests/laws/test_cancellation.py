"""Whatever is cancelled, and wherever it stands then, the account stays exact.

Not at random: each operation is cancelled at every one of its suspension points in turn, and, in
the end, all tasks of the loop at every one of its turns.
"""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from asynclog import BufferedLogger, FlushError, Handler, UnbufferedLogLineSender
from asynclog.testing import Delay, Fail, Hang, LateAnswer

from .interruption import Interruption, every_point
from .witness import Witness
from .world import PlainFormatter, WatchedLoop

PLANS = {
    "well": [],
    "slow": [Delay(1), Delay(1)],
    "slow to answer": [LateAnswer(1), LateAnswer(1)],
    "failing": [Fail(), Fail(written=1), Fail(seconds=1)],
    "giving up": [Fail(error=ValueError()), Delay(1), Fail(1, error=ValueError())],
    "hanging": [Hang()],
    "hanging later": [Delay(1), Hang()],
}


class Scene:
    """A sink that follows a plan until it is well again, and what must be true in the end."""

    def __init__(self, plan):
        loop = asyncio.get_running_loop()
        self.complaints = []
        loop.set_exception_handler(lambda _, context: self.complaints.append(context))
        self.witness = Witness("sink", count(), loop.time)
        self.witness.plan.extend(plan)
        self.handler = Handler(self.witness, formatter=PlainFormatter())
        self.numbers = count(1)

    def heal(self):
        """Have the sink work again."""
        self.witness.plan.clear()
        self.witness.release()

    async def interrupt(self, awaitable, point, *, late):
        """Await something, cancelled at a point; return the number of its suspensions."""
        loop = asyncio.get_running_loop()
        healing = loop.call_later(100, self.heal)  # so that what hangs does not for ever
        interruption = Interruption(awaitable, point, late=late)
        try:
            await interruption
        except asyncio.CancelledError:
            assert interruption.suspensions >= point, "cancelled by nobody"
        except FlushError:
            pass
        healing.cancel()
        return interruption.suspensions

    def check(self, account, calls):
        """Find nothing lost, nothing twice and nothing left."""
        texts = [record.message for record in self.witness.records]
        assert len(texts) == len(set(texts)), f"twice: {texts}"
        assert account.accepted == calls
        assert account.buffered == 0
        assert account.accepted == account.emitted + account.dropped
        assert account.emitted == len(self.witness.confirmed)
        assert not self.witness.faults
        assert not self.complaints
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert not [t for t in asyncio.get_running_loop()._scheduled if not t.cancelled()]


async def waiting_for_room(logger, scene):
    """Log one line more than there is room for."""
    await logger.sender_with_label("a").info("one more")


async def flushing_a_label(logger, scene):
    """Flush a label, then another one."""
    await logger.sender_with_label("a").flush()
    await logger.sender_with_label("b").flush()


async def flushing_all(logger, scene):
    """Flush everything, and bring it to the disk."""
    await logger.flush(durable=True)


async def closing(logger, scene):
    """Close."""
    await logger.aclose()


async def leaving(logger, scene):
    """Leave `async with`."""
    await logger.__aexit__(None, None, None)


OPERATIONS = [waiting_for_room, flushing_a_label, flushing_all, closing, leaving]
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
early_or_late = pytest.mark.parametrize("late", [False, True], ids=["before", "after"])


@early_or_late
@every_plan
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_an_operation_is_cancelled_at_each_point(operation, plan, late):
    """With lines on their way, and more that wait for company."""

    async def scenario(point):
        scene = Scene(plan)
        logger = await BufferedLogger(2, 60, capacity=4, handlers=scene.handler).open()
        a, b = map(logger.sender_with_label, "ab")
        for sender in (a, a, b, b):
            await sender.info(str(next(scene.numbers)))
        suspensions = await scene.interrupt(operation(logger, scene), point, late=late)
        scene.heal()
        scene.check(await logger.aclose(), 4 + (operation is waiting_for_room))
        return suspensions

    assert every_point(scenario) >= 1


@early_or_late
@every_plan
def test_a_program_is_cancelled_at_each_point(plan, late):
    """What its calls had been taken for when it was cancelled is written on the way out."""

    async def scenario(point):
        scene = Scene(plan)
        logger = BufferedLogger(3, 60, capacity=4, handlers=scene.handler)
        calls = []

        async def program():
            async with logger:
                sender = logger.sender_with_label("a")
                for _ in range(10):
                    calls.append(1)
                    await sender.info(str(next(scene.numbers)))
                await sender.flush()

        suspensions = await scene.interrupt(program(), point, late=late)
        scene.check(await logger.aclose(), len(calls))
        return suspensions

    assert every_point(scenario) >= 2


async def awaiting(sender):
    """Log, and wait until the sink has the line."""
    await sender.info("one more")


async def flushing(sender):
    """Flush."""
    await sender.flush()


async def ending(sender):
    """Close."""
    await sender.aclose()


@early_or_late
@every_plan
@pytest.mark.parametrize("operation", [awaiting, flushing, ending], ids=lambda one: one.__name__)
def test_an_unbuffered_sender_is_cancelled_at_each_point(operation, plan, late):
    """With lines on their way."""

    async def scenario(point):
        scene = Scene(plan)
        sender = UnbufferedLogLineSender("a", scene.handler)
        for number in range(3):
            sender.info(str(number))
        suspensions = await scene.interrupt(operation(sender), point, late=late)
        scene.heal()
        scene.check(await sender.aclose(), 3 + (operation is awaiting))
        return suspensions

    assert every_point(scenario) >= 1


async def _lines_and_flushes(logger, numbers):
    """Log to several labels, flush, log, and close, whoever is cancelled meanwhile."""
    calls = 0
    for label in "abab":
        for _ in range(3):
            calls += 1
            logger.sender_with_label(label).info(str(next(numbers)))
        try:
            await logger.sender_with_label(label).flush()
        except (asyncio.CancelledError, FlushError):
            continue
    while True:
        try:
            return calls, await logger.aclose()
        except asyncio.CancelledError:
            continue


def _cancelled_at(moment, plan, longest):
    """Cancel all tasks after a number of turns; return how many turns there were."""
    turns = count(1)

    def cancel_all():
        if next(turns) == moment:
            for task in asyncio.all_tasks(loop):
                task.cancel()

    async def main():
        scene, began = Scene(plan), loop.time()
        logger = await BufferedLogger(2, 60, handlers=scene.handler, close_timeout=5).open()
        healing = loop.call_later(100, scene.heal)
        calls, account = await _lines_and_flushes(logger, scene.numbers)
        healing.cancel()
        assert loop.time() <= began + longest
        scene.check(account, calls)

    loop = WatchedLoop(cancel_all)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main())
        return next(turns)


@pytest.mark.parametrize(
    ("plan", "longest"), [("well", 0), ("slow", 2), ("failing", 10), ("hanging", 110)]
)
def test_all_tasks_are_cancelled_at_each_turn(plan, longest):
    """As by whoever ends a loop: asynclog's own tasks, too, and even the one that closes."""
    moment = 1
    while _cancelled_at(moment, PLANS[plan], longest) > moment:
        moment += 1
    assert moment > 10
