"""Sinks whose calls block: an asynchronous shell round a plain, blocking target."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ..errors import SinkError
from .writer import WriterThread

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ..records import Batch

LAST_WAIT_SECONDS = 5.0
"""At the interpreter's end: how long a write may wait for a reader that reads nothing."""
FOR_EVER = float("inf")
"""Seconds that a write may wait for a reader while the sink is in use."""


class ShortWrite(Exception):  # noqa: N818 - what happened, between a target and its shell
    """Only the first `count` bytes of a payload were written.

    Args:
        count: bytes, always up to the end of a line.
        error: what stopped the write.
    """

    def __init__(self, count: int, error: OSError) -> None:
        super().__init__(str(error))
        self.count = count
        self.error = error


P = TypeVar("P")


class Target(Protocol[P]):
    """The blocking half of a sink; one thread at a time calls it."""

    def encode(self, batch: Batch) -> P:
        """Return what is to be written; runs on the loop, so it must not block."""
        ...

    def write(self, payload: P) -> None:
        """Write all of *payload*, opening what must be open first.

        Raises:
            ShortWrite: of a payload of bytes only a part, of whole lines, was written.
            SinkError: the same, of any payload, counted in lines.
            OSError: nothing was.
        """
        ...

    def flush(self, *, durable: bool) -> None:
        """Bring all to the kernel; with *durable*, to the disk."""
        ...

    def close(self) -> None:
        """Let go of the resources; may be called twice."""
        ...

    def interrupt(self, after: float) -> None:
        """Have every wait for a reader end after *after* seconds without progress; any thread.

        It holds until the next call; infinity stands for no end.
        """
        ...

    def inherit(self) -> None:
        """Let go, in a forked child, of what is the parent's; see `InheritableSink`."""
        ...


class ThreadedSink(Generic[P]):
    """A `Sink` and `LastGaspSink` that runs a target in a writer thread of its own.

    A write that is cancelled goes on in the thread; when the same batch is written again, the
    outcome of that first write is its outcome.

    Args:
        target: does the work.
        name: of the thread.
    """

    def __init__(self, target: Target[P], name: str) -> None:
        self._target = target
        self._thread = WriterThread(name)
        self._under_way: tuple[Batch, Future[BaseException | None]] | None = None
        self._closing: Future[None] | None = None

    async def open(self) -> None:
        """Wait for readers again; the target opens itself with the first write, in the thread."""
        self._target.interrupt(FOR_EVER)  # the loop may have ended while the sink was closing

    async def write(self, batch: Batch, /) -> None:
        """Write *batch*; see `Sink.write`."""
        if self._under_way is None or self._under_way[0] is not batch:
            payload = await self._encoded(batch)
            self._closing = None
            future = self._thread.submit(lambda: _attempt(self._target, batch, payload))
            self._under_way = (batch, future)
        # Shielded: a cancelled waiter must not mark as cancelled what the thread is doing.  Its
        # outcome has not been told then; the next call with this batch tells it.
        error = await asyncio.shield(asyncio.wrap_future(self._under_way[1]))
        self._under_way = None
        if error is not None:
            raise error

    async def _encoded(self, batch: Batch) -> P:
        """Return what the target makes of *batch*; may be done in steps, to spare the loop."""
        return self._target.encode(batch)

    async def flush(self, *, durable: bool = False) -> None:
        """Return when all is with the kernel, or, with *durable*, on the disk."""
        self._closing = None  # the thread is at work again, and must be ended again
        call = self._thread.submit(lambda: self._target.flush(durable=durable))
        await asyncio.wrap_future(call)

    def interrupt(self) -> None:
        """End a write under way soon; see `InterruptibleSink`."""
        self._target.interrupt(0)

    async def aclose(self) -> None:
        """Close the target and end the thread."""
        if self._closing is None:
            self.interrupt()
            self._closing = self._thread.submit(self._close)
            self._thread.stop()
        # Shielded: a caller that is cancelled must not take back what the thread is to do.
        await asyncio.shield(asyncio.wrap_future(self._closing))

    def _close(self) -> None:
        """Close the target, and have it wait again for whoever uses it next."""
        try:
            self._target.close()
        finally:
            self._target.interrupt(FOR_EVER)

    def inherit(self) -> None:
        """Leave the thread, the write under way and the target's resources to the parent."""
        self._under_way = self._closing = None
        self._thread.inherit()
        self._target.interrupt(FOR_EVER)
        self._target.inherit()

    def write_now(self, batch: Batch, /) -> None:
        """Write *batch* in the calling thread, after a write under way has ended."""
        self._target.interrupt(LAST_WAIT_SECONDS)
        try:
            self._write_now(batch)
        finally:
            self._target.interrupt(FOR_EVER)

    def _write_now(self, batch: Batch) -> None:
        if self._under_way is not None:
            known, future = self._under_way
            self._under_way = None
            error = future.result()
            if known is batch:
                if error is not None:
                    raise error
                return
        _write(self._target, batch, self._target.encode(batch))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._thread.name!r})"


def _attempt(target: Target[P], batch: Batch, payload: P) -> BaseException | None:
    """Write, and return what went wrong.

    It is not raised: nobody may be left to hear it, and then asyncio would complain.
    """
    try:
        _write(target, batch, payload)
    except BaseException as error:  # noqa: BLE001 - belongs to whoever waits
        return error
    return None


def _write(target: Target[P], batch: Batch, payload: P) -> None:
    """Write *payload*, the encoded *batch*, and count lines where the target counts bytes."""
    try:
        target.write(payload)
    except ShortWrite as short:
        assert isinstance(payload, bytes)  # noqa: S101 - what raises this counts bytes
        lines = lines_in(batch, payload, short.count)
        raise SinkError(f"{type(short.error).__name__}: {short.error}", written=lines) from None


def lines_in(batch: Batch, payload: bytes, count: int) -> int:
    """Return how many lines of *batch* lie wholly in the first *count* bytes of *payload*.

    Line breaks are counted, for a target may add other characters, such as colours.
    """
    breaks = payload.count(b"\n", 0, count)
    if payload.count(b"\n") == len(batch):
        return breaks
    lines = 0  # some records print several lines
    for line in batch.lines:
        breaks -= 1 + line.count("\n")
        if breaks < 0:
            break
        lines += 1
    return lines
