"""Sinks that misbehave as they are told, and a check for sinks that must not."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SinkError
from ..protocols import Sink
from ..records import Batch, Record
from ..sinks.memory import MemorySink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable


CHECK_SECONDS = 10.0
"""How long each step of `check_sink` may take."""
LINGER_SECONDS = 1.0
"""How long a thread that a sink has told to end may take."""


class Delay(NamedTuple):
    """Write after some seconds."""

    seconds: float


class Fail(NamedTuple):
    """Write the first lines only, after some seconds, and raise."""

    written: int = 0
    seconds: float = 0.0
    error: Exception | None = None
    """What to raise; None is a `SinkError` that tells how many lines were written."""


class LateAnswer(NamedTuple):
    """Write at once, but return only after some seconds."""

    seconds: float


class Hang(NamedTuple):
    """Write nothing, and return never, unless cancelled or released."""


Step = Delay | Fail | LateAnswer | Hang


class ScriptedSink(MemorySink):
    """Keeps lines in memory, and follows one step of a plan with each write.

    When the plan is at its end, every write goes well at once.

    Args:
        plan: the steps; more may be appended to `plan` at any time.
    """

    def __init__(self, plan: Iterable[Step] = ()) -> None:
        super().__init__()
        self.plan: deque[Step] = deque(plan)
        self.opened = 0
        """How often `open` was called."""
        self.closed = 0
        """How often `aclose` was called."""
        self.flushes: list[bool] = []
        """Whether each flush so far was a durable one."""
        self.writing = False
        """Whether a write is under way."""
        self._released = asyncio.Event()

    async def open(self) -> None:
        """Count."""
        self.opened += 1

    def release(self) -> None:
        """Have a write that hangs go on."""
        self._released.set()

    async def write(self, batch: Batch, /) -> None:
        """Follow the next step of the plan."""
        if self.writing:
            raise AssertionError("two writes at once")
        if self.closed:
            raise AssertionError("a write after close")
        self.writing = True
        try:
            await self._follow(self.plan.popleft() if self.plan else Delay(0), batch)
        finally:
            self.writing = False

    async def _follow(self, step: Step, batch: Batch) -> None:
        match step:
            case Delay(seconds):
                await asyncio.sleep(seconds)
                self.write_now(batch)
            case LateAnswer(seconds):
                self.write_now(batch)
                await asyncio.sleep(seconds)
            case Hang():
                await self._released.wait()
                self.write_now(batch)
            case Fail(written, seconds, error):
                await asyncio.sleep(seconds)
                written = min(written, len(batch))
                self.write_now(Batch(batch.records[:written], batch.lines[:written]))
                raise error or SinkError("as planned", written=written)

    async def flush(self, *, durable: bool = False) -> None:
        """Note what was asked for."""
        self.flushes.append(durable)

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


async def check_sink(sink: Sink) -> None:
    """Check that *sink* keeps the promises of the `Sink` protocol, as far as can be seen.

    Give it a new sink whose target works; it is open and closed afterwards.  What arrived at the
    target is for the caller to check: the lines are `check 0` to `check 9`, each once.

    Raises:
        AssertionError: a promise is not kept; the message says which.
    """
    _promise(isinstance(sink, Sink), "open, write, flush and aclose")
    _promise(" object at 0x" not in repr(sink), "a repr that names the target")
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    await _in_time(sink.aclose, "an end without a beginning: aclose() without open()")
    await _in_time(sink.open, "an open() that waits for no peer")
    await _in_time(lambda: sink.write(_batch(0, 1)), "a write that ends, as its target works")
    await _in_time(sink.flush, "a flush that ends, as its target works")
    await _in_time(lambda: sink.write(_batch(1, 10)), "a write after a flush")
    await _in_time(lambda: sink.flush(durable=True), "a durable flush")
    await _check_cancelling(sink)
    await _in_time(sink.flush, "a flush after one that was cancelled")
    await _in_time(sink.aclose, "an aclose() that ends")
    await _in_time(sink.aclose, "an aclose() that may be called twice")
    left = [task.get_name() for task in asyncio.all_tasks() - tasks]
    _promise(not left, f"no task left behind, found {left}")
    left = [thread.name for thread in set(threading.enumerate()) - threads if _lives_on(thread)]
    _promise(not left, f"no thread left behind, found {left}")


async def _check_cancelling(sink: Sink) -> None:
    flushing = asyncio.ensure_future(sink.flush())
    await asyncio.sleep(0)
    flushing.cancel()
    await asyncio.wait([flushing], timeout=CHECK_SECONDS)
    _promise(flushing.done(), "a flush that can be cancelled")
    failed = not flushing.cancelled() and flushing.exception() is not None
    _promise(not failed, "a flush that can be cancelled without an error")


async def _in_time(step: Callable[[], Awaitable[None]], promise: str) -> None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await step()
    except Exception as error:
        raise AssertionError(f"a sink has {promise}: {type(error).__name__}: {error}") from error


def _lives_on(thread: threading.Thread) -> bool:
    """Whether *thread* does not end soon; it may have been told to only now."""
    thread.join(LINGER_SECONDS)
    return thread.is_alive()


def _promise(kept: bool, promise: str) -> None:
    if not kept:
        raise AssertionError(f"a sink has {promise}")


def _batch(start: int, stop: int) -> Batch:
    records = [Record(i, 20, "check", f"check {i}") for i in range(start, stop)]
    return Batch(records, [record.message for record in records])
