"""Points in time, as people write them, and as they read them: pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_AGO = re.compile(r"-?(\d{1,9})(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
ALLOWED = "a time such as 90s, 30m, 12h, 7d, 2w ago, or 2026-03-06, 2026-03-06T09:15:44"
"""What `parse_moment` takes, in words."""
_SECOND_NS = 1_000_000_000


def parse_moment(text: str, now: float) -> int:
    """Return the second since the epoch that *text* means: so long ago, or a date, in UTC.

    Args:
        text: such as `12h`, or a date of ISO 8601, with or without a time and a zone.
        now: seconds since the epoch.

    Raises:
        ValueError: it means nothing.
    """
    if (ago := _AGO.fullmatch(text)) is not None:
        return int(now) - int(ago[1]) * _SECONDS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected {ALLOWED}, got {text!r:.60}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def show_moment(time_ns: int) -> str:
    """Return date and time of *time_ns*, nanoseconds since the epoch, in UTC, to the second."""
    try:
        return f"{datetime.fromtimestamp(time_ns // _SECOND_NS, UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"{time_ns // _SECOND_NS} s"  # of no calendar


def show_span(seconds: float) -> str:
    """Return so many *seconds* in the largest unit of which there is one, as in `3 h`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
