"""A task that sleeps until there is work."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref

import pytest

from asynclog.scope import INSIDE_PIPELINE, current_scope, scope
from asynclog.testing import VirtualLoop
from asynclog.worker import STOP_SECONDS, Worker

REQUEST = contextvars.ContextVar("request", default=None)


class Job:
    """Work that takes some time, and remembers what happened to it."""

    def __init__(self, seconds=0.0, error=None):
        self.seconds, self.error = seconds, error
        self.begun = self.ended = 0

    async def __call__(self):
        """Work."""
        self.begun += 1
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        self.ended += 1


def worker_for(job):
    """Return a worker for *job*, on the running loop."""
    return Worker(asyncio.get_running_loop(), job, "test worker")


@pytest.fixture(name="job")
def _job():
    return Job(seconds=1)


@pytest.mark.virtual
async def test_without_being_woken_it_has_no_task(job):
    """An idle logger costs nothing."""
    worker_for(job)
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.every_loop
async def test_woken_it_works_once(job):
    """Not here and now, however tasks are started: the caller only logs."""
    job.seconds = 0
    worker = worker_for(job)
    worker.wake()
    worker.wake()
    assert job.begun == 0
    for _ in range(5):
        await asyncio.sleep(0)
    assert (job.begun, job.ended) == (1, 1)
    await worker.stop()


@pytest.mark.virtual
async def test_woken_while_it_works_it_works_again(job):
    """What came meanwhile may have been overlooked."""
    worker = worker_for(job)
    worker.wake()
    await asyncio.sleep(0.5)
    worker.wake()
    await asyncio.sleep(5)
    assert job.ended == 2
    await worker.stop()


@pytest.mark.virtual
async def test_cancelled_from_outside_it_starts_again_when_woken(job):
    """As when a program cancels all tasks of its loop, and then goes on."""
    worker = worker_for(job)
    worker.wake()
    await asyncio.sleep(0.5)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)
    worker.wake()
    await asyncio.sleep(5)
    assert (job.begun, job.ended) == (2, 1)
    await worker.stop()


@pytest.mark.virtual
@pytest.mark.parametrize("turns", range(4))
async def test_woken_between_being_cancelled_and_ending_it_starts_again(job, turns):
    """As when a program cancels all tasks of its loop, and then closes its logger."""
    worker = worker_for(job)
    worker.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    worker.wake()
    await asyncio.sleep(5)
    assert job.ended == 1
    await worker.stop()


@pytest.mark.virtual
async def test_work_that_breaks_its_promise_ends_one_task_only(job):
    """The next wake starts another, and asyncio tells of the error."""
    told = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    job.error = ZeroDivisionError()
    worker = worker_for(job)
    worker.wake()
    await asyncio.sleep(5)
    job.error = None
    worker.wake()
    await asyncio.sleep(5)
    assert (job.begun, job.ended) == (2, 1)
    assert [type(context["exception"]) for context in told] == [ZeroDivisionError]
    await worker.stop()


@pytest.mark.virtual
async def test_stopped_it_leaves_no_task_and_starts_none(job):
    """Wherever it waits; work is cut off."""
    worker = worker_for(job)
    worker.wake()
    await asyncio.sleep(0.5)
    await worker.stop()
    worker.wake()
    await asyncio.sleep(5)
    assert (job.begun, job.ended) == (1, 0)
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.virtual
@pytest.mark.parametrize("woken", [False, True])
async def test_stopping_twice_is_stopping_once(job, woken):
    """Also where it never worked."""
    worker = worker_for(job)
    if woken:
        worker.wake()
    await worker.stop()
    await worker.stop()
    await worker.finish(1)
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.virtual
@pytest.mark.parametrize(("swallowed", "left"), [(1, 0), (9, 1)])
async def test_work_that_swallows_cancellation_holds_up_nobody_for_ever(swallowed, left):
    """It is cancelled again, and left behind in the end."""

    async def stubborn():
        for _ in range(swallowed):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                continue
        await asyncio.sleep(10)

    worker, before = worker_for(stubborn), asyncio.get_running_loop().time()
    worker.wake()
    await asyncio.sleep(0)
    await worker.stop()
    assert asyncio.get_running_loop().time() - before <= STOP_SECONDS + 0.001
    assert len(asyncio.all_tasks()) - 1 == left


@pytest.mark.virtual
@pytest.mark.parametrize(("patience", "ended"), [(0.1, 0), (2, 1)])
async def test_finishing_gives_the_work_some_time(job, patience, ended):
    """What is ready by then has ended by itself."""
    worker = worker_for(job)
    worker.wake()
    await asyncio.sleep(0)
    await worker.finish(patience)
    assert job.ended == ended
    await worker.stop()
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.virtual
async def test_finishing_does_not_begin_anew(job):
    """Work that was woken for again is not done."""
    worker = worker_for(job)
    worker.wake()
    await asyncio.sleep(0.5)
    worker.wake()
    await worker.finish(10)
    assert job.begun == 1


@pytest.mark.virtual
async def test_the_task_keeps_nothing_of_the_request_that_woke_it():
    """It would live as long as the logger."""
    seen = []

    async def look():
        seen.append((REQUEST.get(), current_scope.get()))

    worker, large = worker_for(look), Job()
    context = contextvars.Context()
    context.run(REQUEST.set, large)
    context.run(scope(user="u").__enter__)
    context.run(worker.wake)
    large, context = weakref.ref(large), None
    await asyncio.sleep(1)
    assert seen == [(None, INSIDE_PIPELINE)]
    assert large() is None
    await worker.stop()


@pytest.mark.virtual
async def test_the_task_is_named(job):
    """So that a debugger shows whose it is."""
    worker = worker_for(job)
    worker.wake()
    assert "test worker" in {task.get_name() for task in asyncio.all_tasks()}
    await worker.stop()


@pytest.mark.parametrize("woken", [0, 1, 2])
def test_on_a_closed_loop_waking_does_nothing(woken, caplog):
    """A line may be logged by a finaliser after the end of the loop, which leaves a task behind."""
    job, loop = Job(seconds=1), VirtualLoop()

    async def make():
        worker = worker_for(job)
        for _ in range(woken):
            worker.wake()
            await asyncio.sleep(0.6)
        return worker

    worker = loop.run_until_complete(make())
    loop.close()
    worker.wake()
    assert job.begun == woken
    del worker, loop
    gc.collect()
    assert not caplog.records
