"""What a claimed batch holds, made ready for a store: pure.

What comes from the server is data of strangers.  Whatever is no event becomes a dead letter, with
its count, and holds up nothing.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..errors import EventError
from .event import decode
from .keys import BYTES, OVER
from .stores.delivery import SECOND_NS, Dead, Delivery, Drop, Row, fits, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .counting import Section
    from .event import Event

MAX_GROUP = 512
"""Bytes in the name of a group; one that is longer was made by no one of ours."""
FOLDED = "folded"
"""The cause of drops whose number, by second, came with a batch."""
LOST = "lost_server"
"""The cause of drops for events that a server had taken, and lost before they were gathered."""
_BYTES = BYTES.encode()
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
        payloads: fields of its HASH; a group that is only there came once.
    """
    delivery = Delivery([], {}, [], [])
    events = 0
    repeated = dict(counts)
    once = ((member, 1.0) for member in payloads if member not in repeated and member != _BYTES)
    for member, score in chain(repeated.items(), once):
        repeats = int(score) if 0 < score <= _EXACT else 0
        events += repeats
        payload = payloads.get(member)
        try:
            _add(delivery, batch, _name(member, repeats), repeats, payload)
        except EventError as error:
            name = storable(member[:MAX_GROUP].decode("utf-8", "backslashreplace"))
            delivery.dead.append(
                Dead(batch.shard, batch.second, name, batch.name, repeats, payload, str(error))
            )
    delivery.rows.sort(key=_by_time)
    return Contents(delivery, events)


def _name(member: bytes, repeats: int) -> str:
    """Return the group that *member* stands for.

    Raises:
        EventError: there cannot be one of this name, or so many events.
    """
    if not repeats:
        raise EventError("no count of events")
    if len(member) > MAX_GROUP or b"\0" in member:
        raise EventError(f"no name of a group: expected up to {MAX_GROUP} bytes, and no NUL")
    try:
        return member.decode()
    except UnicodeDecodeError:
        raise EventError("no name of a group: expected UTF-8") from None


def _add(delivery: Delivery, batch: Batch, group: str, repeats: int, payload: bytes | None) -> None:
    """Add one group to *delivery*.

    Raises:
        EventError: its payload cannot be read.
    """
    if group == OVER:
        delivery.drops.append(Drop(batch.shard, batch.second, FOLDED, batch.name, repeats))
        return
    time_ns = batch.second * SECOND_NS
    if payload is not None:
        event = decode(payload, group=group)
        time_ns = event.time_ns
        _note(delivery.events, group, event)
    delivery.rows.append(
        Row(batch.shard, batch.second, group, batch.name, repeats, time_ns, payload)
    )


def _note(events: dict[str, Event], group: str, event: Event) -> None:
    """Keep the earliest event of a group."""
    if event.time_ns < events.setdefault(group, event).time_ns:
        events[group] = event


def _by_time(row: Row) -> tuple[int, str]:
    return row.time_ns, row.group


def totals(shard: str, counters: Mapping[bytes, bytes]) -> list[Drop]:
    """Return the running totals of a shard's *counters* of drops, as rows for a store."""
    found: dict[str, int] = {}
    for field, value in counters.items():
        if value.isdigit() and fits(int(value)):
            with suppress(EventError):
                found[_name(field, 1)] = int(value)
    return [Drop(shard, 0, cause, "", events) for cause, events in found.items()]


def counted(
    shard: str,
    name: str,
    sections: Iterable[Section],
    counters: Iterable[tuple[str, int]],
) -> Delivery:
    """Return what a producer has counted, as a delivery that needs no server in between.

    Args:
        shard: what it is called in the store.
        name: of the batch.
        sections: the events; a group may come in several of one second, with several levels.
        counters: events that were folded or dropped, by cause.
    """
    counts: dict[int, dict[bytes, int]] = {}
    payloads: dict[int, dict[bytes, bytes]] = {}
    for section in sections:
        of_second = counts.setdefault(section.second, {})
        contents = payloads.setdefault(section.second, {})
        for group, (repeats, payload) in section.groups.items():
            member = group.encode("utf-8", "surrogatepass")
            of_second[member] = of_second.get(member, 0) + repeats
            if payload:
                contents.setdefault(member, payload)
    delivery = merge(
        read(Batch(shard, name, second), counts[second].items(), payloads[second])
        for second in counts
    )
    delivery.drops += [Drop(shard, 0, cause, name, events) for cause, events in counters]
    return delivery


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
