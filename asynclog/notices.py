"""Lines that the logger itself writes into the stream."""

from __future__ import annotations

from .levels import Level
from .records import Record

OWN_LABEL = "asynclog"
"""The label of lines that the logger itself writes."""

ANNOUNCE_SECONDS = 1.0
"""Under lasting pressure, losses are announced this often."""


def dropped_notice(count: int, time_ns: int, why: str = "queue full") -> Record:
    """Return a line that tells how many lines were dropped.

    Args:
        count: of them.
        time_ns: now, nanoseconds since the epoch.
        why: they were.
    """
    lines = "line" if count == 1 else "lines"
    return Record(time_ns, Level.WARNING, OWN_LABEL, f"{count:,} {lines} dropped: {why}")
