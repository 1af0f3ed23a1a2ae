"""What `log()` returns: an awaitable that is done already, or one that waits for room."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol, cast

from .ledger import Cause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

    from .buffers import LabelBuffer
    from .records import Record


class Accepted(tuple[()]):
    """An awaitable that is done.  There is one, shared by all calls.

    An empty tuple's iterator ends at once, and is made without entering Python code: awaiting
    this costs a third of awaiting a coroutine that does nothing.  The methods of a coroutine let
    it be given to `asyncio.create_task` too.
    """

    __slots__ = ()

    __await__ = tuple.__iter__

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


ACCEPTED = cast("Awaitable[None]", Accepted())


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
        return self._started().throw(*error)

    def close(self) -> None:
        """Give the line up, if it was never waited for."""
        if self._coroutine is not None:
            self._coroutine.close()
        elif self._record is not None:
            record, self._record = self._record, None
            self._gate.lose(record, Cause.NOT_AWAITED)

    def __del__(self) -> None:
        if self._coroutine is None:
            self.close()
