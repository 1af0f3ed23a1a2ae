"""ISO 8601 in UTC, as all programs that take logs read it: `2026-03-06T09:15:44.681220Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from .timestamps import DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
_KEPT_SECONDS = 16
"""Seconds of which the text is remembered; records of several labels are a few seconds apart."""


class IsoTime:
    """Writes times with microseconds; the text of the second is kept from one to the next."""

    def __init__(self) -> None:
        self._last = _second_of(0)

    def texts(self, times: Iterable[int], quote: str = "") -> list[str]:
        """Return the text of each of *times*.

        Args:
            times: nanoseconds since the Unix epoch.
            quote: what stands before and behind each text.
        """
        digits = DIGITS
        start, text = self._last
        text, end = quote + text, f"Z{quote}"
        out = []
        for time_ns in times:
            rest = time_ns - start
            if not 0 <= rest < _SECOND:
                self._last = start, text = _second_of(time_ns // _SECOND)
                text, rest = quote + text, time_ns - start
            out.append(f"{text}{digits[rest // 1_000_000]}{digits[rest // 1000 % 1000]}{end}")
        return out


@lru_cache(_KEPT_SECONDS)
def _second_of(second: int) -> tuple[int, str]:
    """Return the start of a second in nanoseconds, and its text up to the point."""
    try:
        text = (_EPOCH + timedelta(seconds=second)).isoformat()[:19]
    except OverflowError:  # beyond the years 1 to 9999: a number says it, and sorts
        text = str(second)
    return second * _SECOND, f"{text}."
