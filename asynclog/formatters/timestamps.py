"""The date of a record: the slow part once a second, the fraction for each record.

A date format is the one of `strftime`, with fractions of a second beside: `%f` and `%6f` are
microseconds, `%3f` milliseconds, `%9f` nanoseconds.  `%s` is the seconds since the epoch, in any
zone, and so is `%Es`, which Blackhole has beside it.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache

DIGITS = tuple(f"{number:03d}" for number in range(1000))
"""The numbers below 1000 in three digits; to look one up is faster than to format it."""

_KEPT_SECONDS = 16
"""Seconds of which the text is remembered; records of several labels are a few seconds apart."""

_PIECE = re.compile(
    r"%(?P<digits>[0-9]*)f"
    r"|(?P<epoch>%E?s)"
    # The C library sees only ASCII: other text depends on its locale's encoding.
    r"|(?P<format>(?:(?!%[0-9]*f|%E?s)%[-_0^#:]*[0-9]*[EO]?[A-Za-z%+]|[ -$&-~])+)"
    r"|(?P<text>.)",
    re.DOTALL,
)


class DateFormat:
    """A date format, taken apart at the fractions of a second.

    Args:
        text: the format.
        local: whether in the local time zone, as it is at the time of formatting, or in UTC.

    Raises:
        ValueError: *text* cannot be used; the message says why.
    """

    def __init__(self, text: str, *, local: bool = False) -> None:
        self.segments, self.fractions = split_date(text)
        self._broken_down = time.localtime if local else _utc
        # The zone may change at any time, so local dates are not remembered.
        self._texts = self._at if local else lru_cache(_KEPT_SECONDS)(self._at)

    def render(self, date: time.struct_time, second: int) -> list[str]:
        """Return the texts around the fractions for *date*, which is the epoch's *second*."""
        return [
            "".join([_piece(kind, text, date, second) for kind, text in segment])
            for segment in self.segments
        ]

    def text(self, date: time.struct_time, second: int, nanosecond: int) -> str:
        """Return all of *date*, which is the epoch's *second* and *nanosecond*."""
        digits = f"{nanosecond:09d}"
        first, *rest = self.render(date, second)
        fractions = zip(self.fractions, rest, strict=True)
        return first + "".join(f"{digits[:length]}{text}" for length, text in fractions)

    def texts(self, second: int) -> list[str]:
        """Return the texts around the fractions, for the epoch's *second*; never fails."""
        return self._texts(second)

    def _at(self, second: int) -> list[str]:
        try:
            return self.render(self._broken_down(second), second)
        except (OverflowError, OSError, ValueError):  # beyond what the C library can count
            return [f"@{second}.", *[""] * len(self.fractions)]


def _utc(second: int) -> time.struct_time:
    # The C library calls this zone GMT, everybody else UTC.
    return time.struct_time((*time.gmtime(second)[:9], "UTC", 0))


def split_date(text: str) -> tuple[list[list[tuple[str, str]]], list[int]]:
    """Return the pieces of each segment between fractions, and the digits of the fractions.

    Raises:
        ValueError: *text* asks for a fraction of other than 3, 6 or 9 digits.
    """
    segments: list[list[tuple[str, str]]] = [[]]
    fractions: list[int] = []
    for match in _PIECE.finditer(text):
        digits = match["digits"]
        if digits is None:
            segments[-1].append((match.lastgroup or "text", match[0]))
            continue
        if digits not in ("", "3", "6", "9"):
            raise ValueError(f"%{digits[:12]}f is not a fraction: allowed are %f %3f %6f %9f")
        fractions.append(int(digits or 6))
        segments.append([])
    return segments, fractions


def _piece(kind: str, text: str, date: time.struct_time, second: int) -> str:
    if kind == "format":
        return time.strftime(text, date)
    return str(second) if kind == "epoch" else text
