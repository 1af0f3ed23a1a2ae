"""What a store is given at once, and what it makes of it: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..event import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND_NS = 1_000_000_000
TITLE_CHARACTERS = 500
"""Of a group's text: enough to know it by, and to search in; the payload has it whole."""
_MOST = (1 << 63) - 1
"""The greatest number that a column holds."""


class Row(NamedTuple):
    """One group in one second of one batch, in the order of its columns."""

    shard: str
    second: int
    """Since the Unix epoch, UTC."""
    group: str
    batch: str
    repeats: int
    time_ns: int
    """Of the first repetition, nanoseconds since the epoch."""
    payload: bytes | None
    """The first repetition, encoded; None where the producer had no room for it."""


class Drop(NamedTuple):
    """Events that were counted, but not kept."""

    shard: str
    second: int
    """0 for a running total of the shard."""
    cause: str
    batch: str
    """Empty for a running total of the shard, which only ever grows."""
    events: int


class Dead(NamedTuple):
    """What came as an event and cannot be read as one."""

    shard: str
    second: int
    group: str
    batch: str
    repeats: int
    payload: bytes | None
    reason: str


class Sighting(NamedTuple):
    """What a delivery tells of one group, in the order of the columns."""

    group: str
    level: int
    label: str
    logger: str
    title: str
    """Template or message, shortened."""
    first_ns: int
    last_ns: int
    total: int
    payload: bytes | None
    """Of the first repetition that has one."""


class Delivery(msgspec.Struct, gc=False):
    """Rows that a store takes whole or not at all."""

    rows: list[Row] = []
    events: dict[str, Event] = {}
    """By group: what the catalogue is to say of it."""
    drops: list[Drop] = []
    dead: list[Dead] = []

    def __len__(self) -> int:
        return len(self.rows) + len(self.drops) + len(self.dead)

    @property
    def batches(self) -> set[tuple[str, str]]:
        """Return the shard and name of every batch that has a part in this."""
        found = {(one.shard, one.batch) for one in self.rows}
        found.update((one.shard, one.batch) for one in self.drops)
        found.update((one.shard, one.batch) for one in self.dead)
        return found

    def without(self, settled: set[tuple[str, str]]) -> Delivery:
        """Return what is left when the batches in *settled* are taken out."""
        if not settled:
            return self
        return Delivery(
            [one for one in self.rows if (one.shard, one.batch) not in settled],
            self.events,
            [one for one in self.drops if (one.shard, one.batch) not in settled],
            [one for one in self.dead if (one.shard, one.batch) not in settled],
        )


class Receipt(NamedTuple):
    """What of a delivery was new to the store."""

    rows: int
    events: int
    """Repetitions of the new rows together."""


def sightings(rows: Iterable[Row], events: dict[str, Event]) -> list[Sighting]:
    """Return what *rows* tell of their groups: one entry for each, in order of its name.

    The order is the same for every writer, so that two of them never wait for each other.
    """
    seen: dict[str, _Seen] = {}
    for row in rows:
        one = seen.get(row.group)
        if one is None:
            seen[row.group] = _Seen(row, row.time_ns, row.time_ns, row.repeats)
        else:
            one.add(row)
    return [seen[group].sighting(events.get(group)) for group in sorted(seen)]


class _Seen:
    """What the rows of one group have told up to now."""

    __slots__ = ("first_ns", "last_ns", "row", "total")

    def __init__(self, row: Row, first_ns: int, last_ns: int, total: int) -> None:
        self.row = row
        self.first_ns = first_ns
        self.last_ns = last_ns
        self.total = total

    def add(self, row: Row) -> None:
        """Take another row of the group; the earliest one that has a payload is kept."""
        self.first_ns = min(self.first_ns, row.time_ns)
        self.last_ns = max(self.last_ns, row.time_ns)
        self.total += row.repeats
        known = self.row
        if (row.payload is None, row.time_ns) < (known.payload is None, known.time_ns):
            self.row = row

    def sighting(self, event: Event | None) -> Sighting:
        """Return it as a row of the catalogue."""
        return Sighting(
            group=self.row.group,
            level=event.level if event else 0,
            label=storable(event.label) if event else "",
            logger=storable(event.logger) if event else "",
            title=storable((event.template or event.message)[:TITLE_CHARACTERS]) if event else "",
            first_ns=self.first_ns,
            last_ns=self.last_ns,
            total=self.total,
            payload=self.row.payload,
        )


def storable(text: str) -> str:
    """Return *text* with what no database takes, NUL and halves of surrogates, as escapes."""
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def fits(number: int) -> bool:
    """Whether a column can hold *number*."""
    return -_MOST <= number <= _MOST
