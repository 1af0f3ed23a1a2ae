"""What a store holds, read: groups, their counts in time, and the events themselves."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from ..errors import EventError
from .event import Event, decode
from .stores.delivery import SECOND_NS, storable
from .stores.store import SQLStore, dialect_of

if TYPE_CHECKING:
    from .stores.engine import Session

BUCKETS = 24
"""Counts that a group's history is divided into."""
MINUTE = 60
_FIRST_SURROGATE = 0xD800
_EVER = -SECOND_NS << 33
_COLUMNS = "gkey, level, label, logger, title, first_ns, last_ns, total, total"


class Wanted(NamedTuple):
    """Which groups or events are asked for."""

    since_ns: int | None = None
    """Nanoseconds since the epoch: seen then or later."""
    level: int | None = None
    """At least."""
    label: str | None = None
    """A pattern with `*` and `?`."""
    text: str | None = None
    """Somewhere in the text, in any case."""

    def has(self, level: int, label: str, text: str) -> bool:
        """Whether a group of these is wanted."""
        return (
            (self.level is None or level >= self.level)
            and (self.label is None or fnmatchcase(label, self.label))
            and (self.text is None or self.text.casefold() in text.casefold())
        )


EVERYTHING = Wanted()


class Group(msgspec.Struct, frozen=True, gc=False):
    """One entry of the catalogue."""

    group: str
    """Its fingerprint."""
    level: int
    label: str
    logger: str
    title: str
    """Template or message, shortened."""
    first_ns: int
    last_ns: int
    """First and last event, nanoseconds since the epoch; more exactly, the last one is the first
    in its second."""
    total: int
    """Events ever, those that were pruned as well."""
    recent: int
    """Events since the time that was asked for; `total` where none was."""
    counts: tuple[int, ...] = ()
    """Events in equal parts of the time that is shown."""


class Span(NamedTuple):
    """The time that counts are shown for."""

    first: int
    """Second since the epoch."""
    width: int
    """Seconds in one part."""


class Listing(NamedTuple):
    """Groups, with the time that their counts are of."""

    groups: list[Group]
    span: Span


class Lost(NamedTuple):
    """What a store knows that it has not."""

    drops: dict[str, int]
    """Events by cause; causes that begin with `folded` have their number in the store."""
    dead: int
    """Events, or what came as such, that cannot be read."""


class EventReader:
    """Reads a store; writers are not disturbed.

    Args:
        url: of the store.

    Raises:
        ValueError: the URL cannot be used; the message shows no password.
    """

    def __init__(self, url: str) -> None:
        self.store = SQLStore(dialect_of(url, create=False), create=False)
        """What it reads from."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.aclose()

    async def groups(
        self, wanted: Wanted = EVERYTHING, *, by_count: bool = False, limit: int = 20
    ) -> Listing:
        """Return the groups that were last seen last, or, *by_count*, have most events.

        Raises:
            StoreError: the store cannot be read.
        """
        wanted = _bounded(wanted)
        async with self.store.reading() as session:
            found = await self._catalogue(session, wanted)
            if wanted.since_ns is not None:
                recent = await self._recent(session, wanted.since_ns)
                found = [
                    msgspec.structs.replace(one, recent=recent.get(one.group, 0)) for one in found
                ]
            found.sort(key=_by_count if by_count else _by_time)
            found = found[:limit]
            span = _span(found, wanted.since_ns)
            counts = await self._counts(session, [one.group for one in found], span)
        none = (0,) * BUCKETS
        return Listing(
            [msgspec.structs.replace(one, counts=counts.get(one.group, none)) for one in found],
            span,
        )

    async def find(self, prefix: str, limit: int = 10) -> list[Group]:
        """Return the groups whose fingerprints begin with *prefix*, in their order.

        Raises:
            StoreError: the store cannot be read.
        """
        prefix = storable(prefix)
        statement = f"select {_COLUMNS} from groups where gkey >= ? and gkey < ? limit ?"  # noqa: S608 - our own names
        values = (prefix, _behind(prefix), limit)
        async with self.store.reading() as session:
            rows = await session.all(self.store.numbered(statement), values)
            exact = [row for row in rows if row[0] == prefix]
            found = [Group(*row) for row in exact or rows if row[0].startswith(prefix)]
            span = _span(found, None)
            counts = await self._counts(session, [one.group for one in found], span)
        return [msgspec.structs.replace(one, counts=counts.get(one.group, ())) for one in found]

    async def samples(self, group: str, limit: int = 5) -> list[Event]:
        """Return some events of *group*, newest first; the last is the first ever, if it is kept.

        Raises:
            StoreError: the store cannot be read.
        """
        newest = (
            "select payload, repeats from events where gkey = ? and payload is not null"
            " order by second desc limit ?"
        )
        sampled = "select payload, repeats from exemplars where gkey = ? order by time_ns desc"
        first = "select payload, 1 from groups where gkey = ? and payload is not null"
        async with self.store.reading() as session:
            rows = await session.all(self.store.numbered(newest), (group, limit))
            if len(rows) < limit:
                rows += await session.all(self.store.numbered(sampled), (group,))
            oldest = await session.all(self.store.numbered(first), (group,))
        events = _events(group, rows)[:limit]
        times = {event.time_ns for event in events}
        return events + [event for event in _events(group, oldest) if event.time_ns not in times]

    async def latest(
        self, wanted: Wanted = EVERYTHING, *, since: int | None = None, limit: int = 20
    ) -> list[tuple[str, Event]]:
        """Return the latest events, oldest first, each with what identifies its row.

        Args:
            wanted: which; its time is that of the events.
            since: the second from which on; None for as far back as it takes.
            limit: how many rows are looked at, at most, in each shard.

        Raises:
            StoreError: the store cannot be read.
        """
        wanted = _bounded(wanted)
        least = (wanted.since_ns or 0) // SECOND_NS if since is None else since
        statement = self.store.numbered(
            "select second, gkey, bid, payload, repeats from events"
            " where shard = ? and second >= ? and payload is not null"
            " order by second desc, gkey limit ?"
        )
        found = []
        async with self.store.reading() as session:
            for shard in await self._shards(session):
                for second, gkey, bid, *content in await session.all(
                    statement, (shard, least, limit)
                ):
                    events = _events(gkey, [(*content,)])
                    found += [(f"{shard} {second} {gkey} {bid}", one) for one in events]
        found.sort(key=lambda one: one[1].time_ns)
        return [one for one in found if wanted.has(one[1].level, one[1].label, one[1].message)][
            -limit:
        ]

    async def lost(self) -> Lost:
        """Return what was folded, dropped and not readable.

        Raises:
            StoreError: the store cannot be read.
        """
        async with self.store.reading() as session:
            drops = await session.all(
                "select cause, cast(sum(events) as bigint) from drops"
                " where second = 0 group by cause order by cause"
            )
            ((dead,),) = await session.all(
                "select cast(coalesce(sum(repeats), 0) as bigint) from dead_letters"
            )
        return Lost(_pairs(drops), dead)

    async def _catalogue(self, session: Session, wanted: Wanted) -> list[Group]:
        statement = f"select {_COLUMNS} from groups where last_ns >= ?"  # noqa: S608 - our own names
        since_ns = _EVER if wanted.since_ns is None else wanted.since_ns
        least = since_ns // SECOND_NS * SECOND_NS
        rows = await session.all(self.store.numbered(statement), (least,))
        groups = [Group(*row) for row in rows]
        return [one for one in groups if wanted.has(one.level, one.label, one.title)]

    async def _recent(self, session: Session, since_ns: int) -> dict[str, int]:
        """Return how often each group was seen since then; whole minutes where rolled up."""
        second = since_ns // SECOND_NS
        rows = await session.all(
            self.store.numbered(
                "select gkey, cast(sum(repeats) as bigint) from ("
                " select gkey, repeats from events where second >= ?"
                " union all select gkey, repeats from minutes where minute >= ?"
                ") as seen group by gkey"
            ),
            (second, second - second % MINUTE),
        )
        return _pairs(rows)

    async def _counts(
        self, session: Session, groups: list[str], span: Span
    ) -> dict[str, tuple[int, ...]]:
        """Return the counts of *groups* in each part of *span*."""
        counts: dict[str, list[int]] = {group: [0] * BUCKETS for group in groups}
        if not groups:
            return {}
        marks = ", ".join("?" * len(groups))
        for table, column, least in (
            ("events", "second", span.first),
            ("minutes", "minute", span.first - MINUTE + 1),
        ):
            statement = (
                f"select gkey, ({column} - {span.first}) / {span.width}, sum(repeats)"  # noqa: S608 - our own names and numbers
                f" from {table} where gkey in ({marks}) and {column} >= {least}"
                " group by 1, 2"
            )
            for gkey, part, repeats in await session.all(
                self.store.numbered(statement), tuple(groups)
            ):
                counts[gkey][min(int(part), BUCKETS - 1)] += int(repeats)
        return {group: tuple(parts) for group, parts in counts.items()}

    async def _shards(self, session: Session) -> list[str]:
        """Return the names of all shards, by one look at the index for each."""
        statement = self.store.numbered("select min(shard) from events where shard > ?")
        shards: list[str] = []
        while True:
            ((shard,),) = await session.all(statement, (shards[-1] if shards else "",))
            if shard is None:
                return shards
            shards.append(shard)


def _bounded(wanted: Wanted) -> Wanted:
    """Return *wanted* with a time that a column can hold."""
    if wanted.since_ns is None:
        return wanted
    return wanted._replace(since_ns=max(_EVER, min(wanted.since_ns, -_EVER)))


def _behind(prefix: str) -> str:
    """Return a text behind all that begin with *prefix*."""
    if not prefix or ord(prefix[-1]) >= _FIRST_SURROGATE - 1:
        return "\U0010ffff"
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _events(group: str, rows: list[tuple[Any, ...]]) -> list[Event]:
    """Return the events of *rows* of payload and repeats; what cannot be read is left out."""
    events = []
    for payload, repeats in rows:
        with suppress(EventError):
            events.append(decode(bytes(payload), group=group, repeats=repeats))
    return events


def _pairs(rows: list[tuple[Any, ...]]) -> dict[str, int]:
    return {name: number for name, number in rows}  # noqa: C416 - rows have any length, for a type checker


def _span(groups: list[Group], since_ns: int | None) -> Span:
    """Return the time to show for *groups*: all of it, in parts of whole seconds."""
    if not groups:
        return Span(0, 1)
    first_ns = min(one.first_ns for one in groups) if since_ns is None else since_ns
    last = max(one.last_ns for one in groups) // SECOND_NS
    first = first_ns // SECOND_NS
    return Span(first, max(1, -(-(last - first + 1) // BUCKETS)))


def _by_time(group: Group) -> tuple[int, str]:
    return -group.last_ns, group.group


def _by_count(group: Group) -> tuple[int, str]:
    return -group.recent, group.group
