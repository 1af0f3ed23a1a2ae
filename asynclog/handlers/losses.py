"""Lines that a sink gave up, and who has been told of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..records import Record

MAX_LABELS = 1024
"""Labels whose losses are kept apart; those of any more are told to whoever flushes first."""


class Losses:
    """Remembers by label what was lost, until somebody who flushes that label has been told.

    Being told is not the end of it: another flush may be under way, whose caller sent some of the
    lines, and must not take silence for success.  So a loss is forgotten only with the first
    flush that was asked for after somebody had been told.

    Args:
        now: the time in seconds, from any origin; that of the flushes.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lines: dict[str | None, int] = {}  # None: of labels beyond MAX_LABELS
        self._told_at: dict[str | None, float] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Note that *records* were given up."""
        for label, count in Counter(record.label for record in records).items():
            apart = label in self._lines or len(self._lines) < MAX_LABELS
            key = label if apart else None
            told = self._told_at.pop(key, None) is not None
            self._lines[key] = count + (0 if told else self._lines.get(key, 0))

    def owed(self, label: str | None, asked_at: float) -> int:
        """Return how many lines a flush is to be told of.

        Args:
            label: what is flushed; None for all labels.
            asked_at: when the flush was asked for.
        """
        keys = self._keys(label)
        for key in keys:
            if asked_at > self._told_at.get(key, asked_at):
                del self._lines[key], self._told_at[key]
        return sum(self._lines.get(key, 0) for key in keys)

    def tell(self, label: str | None) -> None:
        """Note that somebody who flushed *label* has been told."""
        for key in self._keys(label):
            self._told_at.setdefault(key, self._now())

    def __bool__(self) -> bool:
        return bool(self._lines)

    def _keys(self, label: str | None) -> list[str | None]:
        return [
            key for key in (self._lines if label is None else (label, None)) if key in self._lines
        ]
