"""How a store stays small: seconds become minutes, and what is too old goes.

Both are done a few thousand rows at a time, so that writers never wait long.  The names of batches
whose rows go are kept for a while: should one of them be delivered again, it is not counted again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from .reader import MINUTE
from .stores.delivery import SECOND_NS
from .stores.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .stores.engine import Session
    from .stores.store import SQLStore

CHUNK = 2_000
"""Rows that go in one transaction."""
SLOTS = 5
"""Payloads that are kept of a group whose seconds became minutes."""
MAX_SAMPLE = 64 << 10
"""Bytes of a payload that is kept so; a larger one is not."""
SETTLED_SECONDS = 30 * 86_400
"""How long the names of batches are kept: no batch is under way for longer."""

_MINUTES = Table(
    "minutes",
    (("gkey", "text"), ("minute", "bigint"), ("repeats", "bigint")),
    "do update set repeats = minutes.repeats + excluded.repeats",
    ("gkey", "minute"),
)
_EXEMPLARS = Table(
    "exemplars",
    (
        ("gkey", "text"),
        ("slot", "bigint"),
        ("lot", "bigint"),
        ("time_ns", "bigint"),
        ("repeats", "bigint"),
        ("payload", "bytea"),
    ),
    "do update set lot = excluded.lot, time_ns = excluded.time_ns, repeats = excluded.repeats,"
    " payload = excluded.payload where excluded.lot < exemplars.lot",
    ("gkey", "slot"),
)
_SETTLED = Table(
    "settled",
    (("shard", "text"), ("bid", "text"), ("since_ns", "bigint")),
    key=("shard", "bid"),
)


class Gone(NamedTuple):
    """What went."""

    rows: int = 0
    events: int = 0


async def roll_up(store: SQLStore, before: int) -> Gone:
    """Turn seconds before *before* into minutes; of each group some payloads are kept.

    Args:
        store: that is made smaller.
        before: second since the epoch; taken down to a whole minute.

    Raises:
        StoreError: the store failed; what was done until then is done.
    """
    return await _clear(store, before - before % MINUTE, keep=True)


async def prune(store: SQLStore, before: int) -> Gone:
    """Remove what is older than *before*: events, groups not seen since, drops, dead letters.

    Args:
        store: that is made smaller.
        before: second since the epoch.

    Raises:
        StoreError: the store failed; what was done until then is done.
    """
    gone = await _clear(store, before, keep=False)
    oldest_ns = time.time_ns() - SETTLED_SECONDS * SECOND_NS
    statements: tuple[tuple[str, int], ...] = (
        ("delete from minutes where minute < ?", before - before % MINUTE),
        (
            "delete from exemplars where gkey in (select gkey from groups where last_ns < ?)",
            before * SECOND_NS,
        ),
        ("delete from groups where last_ns < ?", before * SECOND_NS),
        ("delete from drops where second <> 0 and second < ?", before),
        ("delete from dead_letters where second < ?", before),
        ("delete from settled where since_ns < ?", oldest_ns),
    )
    async with store.alone() as session:
        for statement, value in statements:
            await session.run(store.numbered(statement), (value,))
    return gone


async def _clear(store: SQLStore, before: int, *, keep: bool) -> Gone:
    """Take out the events before *before*; *keep* says whether as minutes."""
    gone = Gone()
    while True:
        async with store.alone() as session:
            rows = await session.all(
                store.numbered(
                    "select shard, second, gkey, bid, repeats, time_ns, payload from events"
                    " where shard = (select min(shard) from events where second < ?)"
                    " and second < ? order by shard, second, gkey, bid limit ?"
                ),
                (before, before, CHUNK),
            )
            if not rows:
                return gone
            if keep:
                await store.dialect.insert(session, _MINUTES, _minutes(rows))
                if exemplars := _exemplars(rows):
                    await store.dialect.insert(session, _EXEMPLARS, exemplars)
            await store.dialect.insert(session, _SETTLED, _batches(rows, time.time_ns()))
            await _delete(store, session, rows[-1])
        gone = Gone(gone.rows + len(rows), gone.events + sum(row[4] for row in rows))


async def _delete(store: SQLStore, session: Session, last: tuple[Any, ...]) -> None:
    """Delete the rows of a shard up to the row *last*."""
    shard, second, group, batch = last[:4]
    await session.run(
        store.numbered("delete from events where shard = ? and (second, gkey, bid) <= (?, ?, ?)"),
        (shard, second, group, batch),
    )


def _minutes(rows: Iterable[tuple[Any, ...]]) -> list[tuple[str, int, int]]:
    sums: dict[tuple[str, int], int] = {}
    for _, second, group, _, repeats, _, _ in rows:
        key = group, second - second % MINUTE
        sums[key] = sums.get(key, 0) + repeats
    return [(group, minute, repeats) for (group, minute), repeats in sorted(sums.items())]


def _exemplars(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return a sample of the payloads: in each slot of a group, the lowest lot wins.

    A lot is drawn from the row's own name, so that the sample is the same whoever takes it, and
    in whatever order.
    """
    best: dict[tuple[str, int], tuple[Any, ...]] = {}
    for shard, second, group, batch, repeats, time_ns, payload in rows:
        if payload is None or len(payload) > MAX_SAMPLE:
            continue
        lot = crc32(f"{shard} {second} {group} {batch}".encode())
        key = group, lot % SLOTS
        if key not in best or lot < best[key][2]:
            best[key] = (*key, lot, time_ns, repeats, payload)
    return [best[key] for key in sorted(best)]


def _batches(rows: Iterable[tuple[Any, ...]], now_ns: int) -> list[tuple[str, str, int]]:
    return [(*batch, now_ns) for batch in sorted({(row[0], row[3]) for row in rows})]
