"""When a sink brings what it has written to the disk: pure counting.

The rules are those of Blackhole's file sink.
"""

from __future__ import annotations

from typing import Protocol

from ..units import parse_count, parse_size


class FlushPolicy(Protocol):
    """Is told of every line, and tells when to flush."""

    def update(self, size: int, /) -> bool:
        """Count one line of *size* bytes, its line break included; tell whether to flush now."""
        ...

    def update_many(self, lines: int, size: int, /) -> bool:
        """Count several lines of *size* bytes together, written as one; tell whether to flush."""
        ...

    def reset(self) -> None:
        """Forget what was counted, because a flush came from elsewhere."""
        ...


class Automatic:
    """Never asks for a flush: the sink decides, and flushes at last when it closes."""

    __slots__ = ()

    def update(self, size: int, /) -> bool:
        """Count nothing."""
        return False

    def update_many(self, lines: int, size: int, /) -> bool:
        """Count nothing."""
        return False

    def reset(self) -> None:
        """Forget nothing."""

    def __repr__(self) -> str:
        return "Automatic()"


class EveryRecords:
    """Asks for a flush after every so many lines; an empty write is none."""

    __slots__ = ("_threshold", "counter")

    def __init__(self, threshold: int) -> None:
        self._threshold = parse_count(threshold, "flush")
        self.counter = 0
        """Lines since the last flush."""

    def update(self, size: int, /) -> bool:
        """Count one line."""
        return self.update_many(1 if size else 0, size)

    def update_many(self, lines: int, size: int, /) -> bool:
        """Count *lines*; what exceeds a multiple of the threshold counts for the next flush."""
        flushes, self.counter = divmod(self.counter + lines, self._threshold)
        return flushes > 0

    def reset(self) -> None:
        """Count from zero."""
        self.counter = 0

    def __repr__(self) -> str:
        return f"EveryRecords({self._threshold}, counter={self.counter})"


class EveryBytes:
    """Asks for a flush after every so many bytes."""

    __slots__ = ("_threshold", "counter")

    def __init__(self, threshold: int) -> None:
        self._threshold = parse_count(threshold, "flush")
        self.counter = 0
        """Bytes since the last flush."""

    def update(self, size: int, /) -> bool:
        """Count *size* bytes; what exceeds a multiple of the threshold counts for the next."""
        flushes, self.counter = divmod(self.counter + size, self._threshold)
        return flushes > 0

    def update_many(self, lines: int, size: int, /) -> bool:
        """Count *size* bytes."""
        return self.update(size)

    def reset(self) -> None:
        """Count from zero."""
        self.counter = 0

    def __repr__(self) -> str:
        return f"EveryBytes({self._threshold}, counter={self.counter})"


def parse_flush(value: int | str | None) -> FlushPolicy:
    """Return the policy that a setting stands for.

    Args:
        value: None or 0 for automatic, a whole number of lines, or a size such as `"10MB"`.

    Raises:
        ValueError: *value* is none of these; the message names it and what is allowed.
    """
    if value is None:
        return Automatic()
    if isinstance(value, str):
        size = parse_size(value, "flush")
        return EveryBytes(size) if size else Automatic()
    if value == 0 and value is not False:
        return Automatic()
    try:
        return EveryRecords(value)
    except ValueError:
        raise ValueError(
            f"flush: expected None, a whole number of lines or a size such as '10MB', got {value!r}"
        ) from None
