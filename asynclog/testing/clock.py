"""A clock that stands still until it is moved."""

from __future__ import annotations

START_NS = 1_000_000_000_000_000_000
"""What a `ManualClock` shows at first: 2001-09-09 01:46:40 UTC."""


class ManualClock:
    """A `Clock` for the times on records.

    Args:
        now_ns: nanoseconds since the Unix epoch.
    """

    def __init__(self, now_ns: int = START_NS) -> None:
        self.now_ns = now_ns

    def time_ns(self) -> int:
        """Return the time it was set to."""
        return self.now_ns

    def advance(self, seconds: float) -> None:
        """Move the clock, forwards or backwards."""
        self.now_ns += round(seconds * 1_000_000_000)
