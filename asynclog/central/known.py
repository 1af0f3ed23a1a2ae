"""Records that come again, counted by the tallies of their groups: pure, and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from .event import FINGERPRINT

if TYPE_CHECKING:
    from ..records import Record
    from .counting import Span, Tally

    Key: TypeAlias = tuple[int, str, str]

MAX_KNOWN = 4_096
"""Texts that are remembered."""
MAX_LENGTH = 512
"""Characters of such a text."""


class Known:
    """Knows by what a record is counted that differs from another one in nothing but its values.

    For fingerprints that are told by level, label, and template or text.
    """

    __slots__ = ("_by_key",)

    def __init__(self) -> None:
        self._by_key: dict[Key, tuple[Tally, Span]] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def count(self, record: Record) -> bool:
        """Count *record*, if it is known and of the second that is being counted."""
        by = self._by_key.get(_key_of(record))
        if by is None or not _is_plain(record):
            return False
        tally, span = by
        if span.repeats >= span.room or not span.begin_ns <= record.time_ns < span.end_ns:
            return False
        tally.repeats += 1
        span.repeats += 1
        return True

    def keep(self, record: Record, by: tuple[Tally, Span]) -> None:
        """Remember *by* what a record like this one is counted."""
        key = _key_of(record)
        if len(key[2]) > MAX_LENGTH or not _is_plain(record):
            return
        if len(self._by_key) >= MAX_KNOWN:
            self._by_key.clear()  # what comes often is soon there again
        self._by_key[key] = by


def _key_of(record: Record) -> Key:
    text = record.message if record.template is None else record.template
    return record.level, record.label, text


def _is_plain(record: Record) -> bool:
    attributes = record.attributes
    return record.exception is None and (attributes is None or FINGERPRINT not in attributes)
