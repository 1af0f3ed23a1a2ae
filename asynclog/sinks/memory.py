"""Lines kept in memory, for tests and for a look back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records import Batch, Record


class MemorySink:
    """Keeps what it is given.

    Args:
        limit: lines to keep, the latest; None keeps all.

    Raises:
        ValueError: *limit* is no number of lines.
    """

    def __init__(self, limit: int | None = None) -> None:
        if limit is not None and (type(limit) is not int or limit < 0):
            raise ValueError(f"limit: expected a whole number from 0 up, or None, got {limit!r}")
        self._kept: deque[tuple[Record, str]] = deque(maxlen=limit)

    @property
    def records(self) -> list[Record]:
        """The records, oldest first."""
        return [record for record, _ in self._kept]

    @property
    def lines(self) -> list[str]:
        """The formatted text of the records, oldest first."""
        return [line for _, line in self._kept]

    def clear(self) -> None:
        """Forget all lines."""
        self._kept.clear()

    async def open(self) -> None:
        """Do nothing."""

    async def write(self, batch: Batch, /) -> None:
        """Keep the lines of *batch*."""
        self.write_now(batch)

    def write_now(self, batch: Batch, /) -> None:
        """Keep the lines of *batch*."""
        self._kept.extend(zip(batch.records, batch.lines, strict=True))

    async def flush(self, *, durable: bool = False) -> None:
        """Do nothing: memory is as far as lines go."""

    async def aclose(self) -> None:
        """Do nothing: what was kept can still be read."""

    def __repr__(self) -> str:
        return f"MemorySink({len(self._kept)} lines)"
