"""ISO 8601 in UTC, as all programs that take logs read it: `2026-03-06T09:15:44.681220Z`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from .timestamps import DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = 1_000_000
_KEPT_SECONDS = 16
"""Seconds of which the text is remembered; records of several labels are a few seconds apart."""


class IsoTime:
    """Writes times with microseconds; the text of the millisecond is kept from one to the next."""

    def __init__(self) -> None:
        self._last = _millisecond_of(0)

    def texts(self, times: Iterable[int], quote: str = "") -> list[str]:
        """Return the text of each of *times*.

        Args:
            times: nanoseconds since the Unix epoch.
            quote: what stands before and behind each text.
        """
        digits, end = DIGITS, f"Z{quote}"
        start, text = self._last
        text = quote + text
        out = []
        for time_ns in times:
            rest = time_ns - start
            if not 0 <= rest < _MILLISECOND:
                self._last = start, text = _millisecond_of(time_ns // _MILLISECOND)
                text, rest = quote + text, time_ns - start
            out.append(f"{text}{digits[rest // 1000]}{end}")
        return out


def _millisecond_of(millisecond: int) -> tuple[int, str]:
    """Return the start of a millisecond in nanoseconds, and its text."""
    second = _second_text(millisecond // 1000)
    return millisecond * _MILLISECOND, second + DIGITS[millisecond % 1000]


@lru_cache(_KEPT_SECONDS)
def _second_text(second: int) -> str:
    """Return the text of a second, up to the point."""
    try:
        return f"{(_EPOCH + timedelta(seconds=second)).isoformat()[:19]}."
    except OverflowError:  # beyond the years 1 to 9999: a number says it, and sorts
        return f"{second}."
