"""What a filter held back since it last said so."""

from __future__ import annotations

from ..notices import OWN_LABEL
from ..records import Record

NANOSECONDS = 1_000_000_000
ANNOUNCE_EVERY = 10.0
"""Seconds between two notices of one filter about one thing, as long as lines are held back."""
MAX_KEYS = 1024
"""Things that one filter tells apart; of more, the one not seen for longest is forgotten."""


class Held:
    """Lines held back, until they are announced."""

    __slots__ = ("count", "label", "level", "since_ns")

    def __init__(self) -> None:
        self.count = 0
        self.since_ns = 0
        """Time of the first of them, nanoseconds since the epoch."""
        self.label = ""
        """Their label, or `OWN_LABEL` where they have several."""
        self.level = 0
        """The highest of their levels, so that the notice goes wherever one of them had gone."""

    def add(self, record: Record) -> None:
        """Count *record* as held back."""
        if not self.count:
            self.since_ns = record.time_ns
            self.label = record.label
            self.level = record.level
        elif self.label != record.label:
            self.label = OWN_LABEL
        self.level = max(self.level, record.level)
        self.count += 1

    def merge(self, other: Held) -> None:
        """Take over what *other* counted."""
        if not self.count:
            self.since_ns, self.label, self.level = other.since_ns, other.label, other.level
        elif self.label != other.label:
            self.label = OWN_LABEL
        self.level = max(self.level, other.level)
        self.count += other.count
        other.count = 0

    def due(self, now_ns: int, every_ns: int) -> bool:
        """Tell whether a notice is due: after *every_ns*, or when the clock was put back."""
        return self.count > 0 and not 0 <= now_ns - self.since_ns < every_ns

    def announce(self, now_ns: int, reason: str) -> Record:
        """Return a record that says how many lines were held back and why; count from zero."""
        count, self.count = self.count, 0
        lines = "line" if count == 1 else "lines"
        return Record(
            time_ns=now_ns,
            level=self.level,
            label=self.label,
            message=f"{count:,} {lines} held back: {reason}",
            attributes={"held_back": count},
        )

    def __repr__(self) -> str:
        return f"Held(count={self.count}, label={self.label!r}, level={self.level})"


class Pace:
    """Keeps the search for due notices from happening after every batch."""

    __slots__ = ("_asked_ns", "_every_ns")

    def __init__(self, every_ns: int) -> None:
        self._every_ns = min(every_ns, NANOSECONDS)
        self._asked_ns = 0

    def elapsed(self, now_ns: int) -> bool:
        """Tell whether it is time to search again: once a second, or when the clock went back."""
        if 0 <= now_ns - self._asked_ns < self._every_ns:
            return False
        self._asked_ns = now_ns
        return True
