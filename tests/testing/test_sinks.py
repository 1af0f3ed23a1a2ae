"""Sinks that misbehave, and a check for those that must not."""

# ruff: noqa: D102 - the methods of sinks that break a promise, which their classes name

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from asynclog.errors import SinkError
from asynclog.protocols import Sink
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, LateAnswer, ScriptedSink, check_sink, sinks

from ..making import batch_of

pytestmark = pytest.mark.virtual


@pytest.fixture(name="batch")
def _batch():
    return batch_of("a", "b", "c")


async def progress(sink, batch, seconds):
    """Begin a write; return what the sink has after *seconds*, and the write."""
    task = asyncio.create_task(sink.write(batch))
    await asyncio.sleep(seconds)
    return len(sink.lines), task


# -- a sink with a plan ---------------------------------------------------------------------------


async def test_without_a_plan_every_write_goes_well(batch):
    """It is a MemorySink then."""
    sink = ScriptedSink()
    await sink.write(batch)
    await sink.write(batch)
    assert sink.lines == ["a", "b", "c"] * 2
    assert isinstance(sink, Sink)


@pytest.mark.parametrize(
    ("step", "early", "done", "late"),
    [
        (Delay(2), 0, False, 3),
        (LateAnswer(2), 3, False, 3),
        (Fail(written=2, seconds=2), 0, False, 2),
        (Fail(written=9), 3, True, 3),
        (Fail(), 0, True, 0),
        (Delay(0), 3, True, 3),
    ],
)
async def test_each_write_follows_one_step(batch, step, early, done, late):
    """Lines come early or late, and so does the answer."""
    sink = ScriptedSink([step])
    count, task = await progress(sink, batch, 1)
    assert (count, task.done(), sink.writing) == (early, done, not done)
    await asyncio.wait([task])
    assert (len(sink.lines), sink.writing, len(sink.plan)) == (late, False, 0)
    task.exception()


async def test_a_failure_tells_what_was_written(batch):
    """By itself as a SinkError."""
    with pytest.raises(SinkError, match="as planned") as raised:
        await ScriptedSink([Fail(written=2)]).write(batch)
    assert raised.value.written == 2


async def test_a_failure_may_be_any_error(batch):
    """And it may strike before the first line."""
    with pytest.raises(ZeroDivisionError):
        await ScriptedSink([Fail(error=ZeroDivisionError())]).write(batch)


async def test_what_hangs_goes_on_when_it_is_released(batch):
    """And not before."""
    sink = ScriptedSink([Hang()])
    count, task = await progress(sink, batch, 1e6)
    assert (count, task.done()) == (0, False)
    sink.release()
    await task
    assert len(sink.lines) == 3


@pytest.mark.parametrize(("step", "written"), [(Hang(), 0), (Delay(9), 0), (LateAnswer(9), 3)])
async def test_a_write_can_be_cancelled(batch, step, written):
    """The next one is a new one."""
    sink = ScriptedSink([step])
    _, task = await progress(sink, batch, 1)
    task.cancel()
    await asyncio.wait([task])
    await sink.write(batch)
    assert (task.cancelled(), len(sink.lines)) == (True, written + 3)


async def test_a_plan_can_be_made_longer(batch):
    """While it is followed."""
    sink = ScriptedSink([Delay(0)])
    sink.plan.append(Fail())
    await sink.write(batch)
    with pytest.raises(SinkError):
        await sink.write(batch)


async def test_it_counts_what_is_done_with_it(batch):
    """For a test to look at."""
    sink = ScriptedSink()
    await sink.open()
    await sink.flush()
    await sink.flush(durable=True)
    await sink.aclose()
    assert (sink.opened, sink.flushes, sink.closed) == (1, [False, True], 1)


async def test_two_writes_at_once_are_an_error(batch):
    """One task at a time calls a sink."""
    sink = ScriptedSink([Delay(1)])
    _, task = await progress(sink, batch, 0.5)
    with pytest.raises(AssertionError, match="two writes at once"):
        await sink.write(batch)
    await task


async def test_a_write_after_close_is_an_error(batch):
    """Nobody would ever see its lines."""
    sink = ScriptedSink()
    await sink.aclose()
    with pytest.raises(AssertionError, match="a write after close"):
        await sink.write(batch)


# -- the check ------------------------------------------------------------------------------------


class Good(MemorySink):
    """Keeps every promise; kinds below break one each."""

    def __repr__(self):
        return "Good('target')"


class Nameless(Good):
    """Has no name."""

    __repr__ = object.__repr__


class NotClosedUnopened(Good):
    """Needs to be open."""

    ready = False

    async def open(self):
        self.ready = True

    async def aclose(self):
        if not self.ready:
            raise RuntimeError("never opened")


class SlowToOpen(Good):
    """Waits for its peer."""

    async def open(self):
        await asyncio.sleep(1e6)


class Failing(Good):
    """Does not write."""

    async def write(self, batch, /):
        raise OSError("full")


class WritesOnce(Good):
    """Is done after a flush."""

    flushed = False

    async def write(self, batch, /):
        assert not self.flushed

    async def flush(self, *, durable=False):
        self.flushed = True


class NotDurable(Good):
    """Has never heard of a disk."""

    async def flush(self):
        pass


class Stubborn(Good):
    """Does not let its flush be cancelled."""

    count = 0

    async def flush(self, *, durable=False):
        self.count += 1
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(1000 if self.count == 3 else 0)
        await asyncio.sleep(1000 if self.count == 3 else 0)


class Sore(Good):
    """Answers a cancellation with an error."""

    async def flush(self, *, durable=False):
        try:
            await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            raise OSError("interrupted") from None


class Broken(Good):
    """Does not get over a flush that was cancelled."""

    busy = False

    async def flush(self, *, durable=False):
        assert not self.busy
        self.busy = True
        await asyncio.sleep(0.1)
        self.busy = False


class ClosesOnce(Good):
    """Must not be closed twice after it was open."""

    count = 0

    async def aclose(self):
        self.count += 1
        assert self.count < 3


class LeavesTask(Good):
    """Lets a task run on."""

    async def open(self):
        self.task = asyncio.create_task(asyncio.sleep(100), name="left")


class LeavesThread(Good):
    """Lets a thread run on."""

    async def open(self):
        threading.Thread(target=threading.Event().wait, args=(0.5,), name="left").start()


class NoSink:
    """Has next to nothing of a sink."""

    async def write(self, batch):
        pass


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (NoSink, "open, write, flush and aclose"),
        (Nameless, "a repr that names the target"),
        (NotClosedUnopened, r"aclose\(\) without open\(\): RuntimeError: never opened"),
        (SlowToOpen, r"an open\(\) that waits for no peer: TimeoutError"),
        (Failing, "a write that ends, as its target works: OSError: full"),
        (WritesOnce, "a write after a flush"),
        (NotDurable, "a durable flush: TypeError"),
        (Stubborn, "a flush that can be cancelled$"),
        (Sore, "a flush that can be cancelled without an error"),
        (Broken, "a flush after one that was cancelled"),
        (ClosesOnce, r"an aclose\(\) that may be called twice"),
        (LeavesTask, r"no task left behind, found \['left'\]"),
        (LeavesThread, r"no thread left behind, found \['left'\]"),
    ],
)
async def test_a_promise_that_is_broken_is_named(kind, promise, monkeypatch):
    """So that who wrote the sink knows what to mend."""
    monkeypatch.setattr(sinks, "LINGER_SECONDS", 0)
    with pytest.raises(AssertionError, match=f"^a sink has .*{promise}"):
        await check_sink(kind())


async def test_a_good_sink_gets_each_line_once():
    """What became of them is for the caller to see."""
    sink = Good()
    await check_sink(sink)
    assert sink.lines == [f"check {i}" for i in range(10)]


async def test_what_was_there_before_is_not_the_sink_s():
    """Tasks and threads of the program are none of its business."""
    task, gate = asyncio.create_task(asyncio.sleep(1e6)), threading.Event()
    thread = threading.Thread(target=gate.wait, args=(30,))
    thread.start()
    await check_sink(Good())
    gate.set()
    thread.join()
    task.cancel()
