"""What a claimed batch holds, made ready for a store: pure.

What comes from the server is data of strangers.  Whatever is no event becomes a dead letter, with
its count, and holds up nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..errors import EventError
from .event import decode
from .keys import OVER
from .stores.delivery import SECOND_NS, Dead, Delivery, Drop, Row, fits, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .event import Event

MAX_GROUP = 512
"""Bytes in the name of a group; one that is longer was made by no one of ours."""
FOLDED = "folded"
"""The cause of drops whose number, by second, came with a batch."""
_EXACT = 1 << 53
"""The server counts in floating point: above this, not by ones."""


class Batch(NamedTuple):
    """Where a batch comes from."""

    shard: str
    name: str
    second: int


class Contents(msgspec.Struct, frozen=True, gc=False):
    """All that is in one batch."""

    delivery: Delivery
    groups: int
    """Members of the batch, whatever they are."""
    events: int
    """Repetitions of all of them: what the server is told at the end."""


def read(
    batch: Batch,
    counts: Iterable[tuple[bytes, float]],
    payloads: Mapping[bytes, bytes],
) -> Contents:
    """Return what *batch* holds, in order of time.

    Args:
        batch: which one.
        counts: members of its ZSET, and how often each was counted.
        payloads: fields of its HASH.
    """
    delivery = Delivery([], {}, [], [])
    groups = events = 0
    for member, score in counts:
        groups += 1
        repeats = int(score) if 0 < score <= _EXACT else 0
        events += repeats
        group = member.decode("utf-8", "backslashreplace")
        if group == OVER:
            delivery.drops.append(Drop(batch.shard, batch.second, FOLDED, batch.name, repeats))
            continue
        payload = payloads.get(member)
        reason = _wrong(member, repeats) or _add(delivery, batch, group, repeats, payload)
        if reason:
            name = storable(group[:MAX_GROUP])
            delivery.dead.append(
                Dead(batch.shard, batch.second, name, batch.name, repeats, payload, reason)
            )
    delivery.rows.sort(key=_by_time)
    return Contents(delivery, groups, events)


def _wrong(member: bytes, repeats: int) -> str | None:
    """Return why there cannot be a group of this name, or so many events."""
    if not repeats:
        return "no count of events"
    if len(member) > MAX_GROUP or b"\0" in member:
        return f"no name of a group: expected up to {MAX_GROUP} bytes, and no NUL"
    try:
        member.decode()
    except UnicodeDecodeError:
        return "no name of a group: expected UTF-8"
    return None


def _add(
    delivery: Delivery, batch: Batch, group: str, repeats: int, payload: bytes | None
) -> str | None:
    """Add one group to *delivery*, or return why that cannot be done."""
    time_ns = batch.second * SECOND_NS
    if payload is not None:
        try:
            event = decode(payload)
        except EventError as error:
            return str(error)
        time_ns = event.time_ns
        _note(delivery.events, group, event)
    delivery.rows.append(
        Row(batch.shard, batch.second, group, batch.name, repeats, time_ns, payload)
    )
    return None


def _note(events: dict[str, Event], group: str, event: Event) -> None:
    known = events.get(group)
    if known is None or event.time_ns < known.time_ns:
        events[group] = event


def _by_time(row: Row) -> tuple[int, str]:
    return row.time_ns, row.group


def totals(shard: str, counters: Mapping[bytes, bytes]) -> list[Drop]:
    """Return the running totals of a shard's *counters* of drops, as rows for a store."""
    found: dict[str, int] = {}
    for field, value in counters.items():
        if not _wrong(field, 1) and value.isdigit() and fits(int(value)):
            found[field.decode()] = int(value)
    return [Drop(shard, 0, cause, "", events) for cause, events in found.items()]


def merge(contents: Iterable[Contents]) -> Delivery:
    """Return one delivery of all *contents*."""
    merged = Delivery([], {}, [], [])
    for one in contents:
        merged.rows += one.delivery.rows
        merged.drops += one.delivery.drops
        merged.dead += one.delivery.dead
        for group, event in one.delivery.events.items():
            _note(merged.events, group, event)
    return merged
