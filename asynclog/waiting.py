"""What `log()` returns: an awaitable that is done already, or one that waits for room."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Protocol, cast

from .ledger import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextvars import Context

    from .buffers import LabelBuffer
    from .records import Record


_ENDED: Iterator[None] = iter(())
"""An iterator that is at its end, and can be shared for that."""


class _NoLoop:
    """The loop of a future that never needs one."""

    def get_debug(self) -> bool:
        """Return False."""
        return False


class Accepted(asyncio.Future[None]):
    """A future that is done.  There is one, shared by all calls on all loops.

    Awaiting it costs a fraction of awaiting a coroutine that does nothing.  What asyncio's
    functions ask of a future is answered for whichever loop runs, so that it may be gathered,
    waited for with a timeout, and, having the methods of a coroutine, be made a task.
    """

    def __init__(self) -> None:
        super().__init__(loop=cast("asyncio.AbstractEventLoop", _NoLoop()))
        self.set_result(None)

    if sys.version_info >= (3, 12):
        # There the end of a future's own iterator costs an exception.
        def __await__(self) -> Iterator[None]:  # type: ignore[override]
            return _ENDED

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the running loop."""
        return asyncio.get_running_loop()

    def add_done_callback(
        self, callback: Callable[[Any], object], /, *, context: Context | None = None
    ) -> None:
        """Have *callback* called soon, on the running loop."""
        asyncio.get_running_loop().call_soon(callback, self, context=context)

    def send(self, value: None) -> None:
        """End at once, as a coroutine does."""
        raise StopIteration

    def throw(self, error: BaseException) -> None:
        """Raise *error*, as a coroutine does."""
        raise error

    def close(self) -> None:
        """Do nothing."""

    def __repr__(self) -> str:
        return "<accepted>"


class Yielding:
    """An awaitable that lets other tasks run once; there is one, shared by all calls.

    A task that logs in a tight loop gets it now and then instead of `ACCEPTED`: its lines were
    taken, but those whose turn it is to write them have not run for a while.
    """

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield

    def send(self, value: None) -> None:
        """Go on once, and then end, as a coroutine does; whoever only asks has been answered."""
        raise StopIteration

    throw = Accepted.throw
    close = Accepted.close

    def __repr__(self) -> str:
        return "<accepted, to be awaited>"


ACCEPTED = Accepted()
YIELDING = Yielding()


class Gate(Protocol):
    """What lets lines in."""

    async def wait_for_room(self, buffer: LabelBuffer, record: Record) -> None:
        """Return when the line was let in."""
        ...

    def lose(self, record: Record, cause: Cause) -> None:
        """Count the line as dropped.  Any thread."""
        ...


class Waiting(Coroutine[Any, Any, None]):
    """A line for which there is no room yet: awaited, it waits; thrown away, it is counted.

    Args:
        gate: lets the line in.
        buffer: of the line's label.
        record: the line.
    """

    __slots__ = ("_buffer", "_coroutine", "_gate", "_record")

    def __init__(self, gate: Gate, buffer: LabelBuffer, record: Record) -> None:
        self._gate = gate
        self._buffer = buffer
        self._record: Record | None = record
        self._coroutine: Coroutine[Any, Any, None] | None = None

    def _started(self) -> Coroutine[Any, Any, None]:
        if self._coroutine is None:
            record, self._record = self._record, None
            if record is None:
                raise RuntimeError("a call of log() cannot be awaited twice")
            self._coroutine = self._gate.wait_for_room(self._buffer, record)
        return self._coroutine

    def __await__(self) -> Generator[Any, Any, None]:
        return self._started().__await__()

    def send(self, value: None) -> Any:
        """Go on, as a coroutine does."""
        return self._started().send(value)

    def throw(self, *error: Any) -> Any:
        """Raise *error* where the wait stands, as a coroutine does."""
        if self._coroutine is None:  # a task that was cancelled before it ran
            self._give_up(Cause.CANCELLED)
            raise error[0]
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """Give the line up, if it was never waited for."""
        if self._coroutine is not None:
            self._coroutine.close()
        else:
            self._give_up(Cause.NOT_AWAITED)

    def _give_up(self, cause: Cause) -> None:
        record, self._record = self._record, None
        if record is not None:
            self._gate.lose(record, cause)

    def __del__(self) -> None:
        if self._coroutine is None:
            self.close()


class Deferred(Coroutine[Any, Any, None]):
    """A coroutine that need not be awaited: it begins when it is.

    Args:
        begin: returns what is to be awaited.
    """

    __slots__ = ("_begin", "_coroutine")

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._begin = begin
        self._coroutine: Coroutine[Any, Any, None] | None = None

    def __await__(self) -> Generator[Any, Any, None]:
        return self._begin().__await__()

    def send(self, value: None) -> Any:
        """Go on, as a coroutine does."""
        if self._coroutine is None:
            self._coroutine = self._begin()
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise *error* where the wait stands, as a coroutine does."""
        if self._coroutine is None:  # a task that was cancelled before it ran
            raise error[0]
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """Wait no more."""
        if self._coroutine is not None:
            self._coroutine.close()
