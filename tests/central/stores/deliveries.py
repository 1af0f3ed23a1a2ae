"""Deliveries, and what a store has made of them."""

from __future__ import annotations

from asynclog.central.event import Event, encode
from asynclog.central.stores import Delivery, Row

SECOND_NS = 1_000_000_000


def event(group="g", second=5, *, message="lost {}", offset=0, **fields):
    """Return an event of *group*."""
    chosen = {"level": 40, "label": "db", "logger": "shop", "template": None, **fields}
    return Event(
        time_ns=second * SECOND_NS + offset,
        repeats=1,
        message=message,
        attributes=None,
        exception=None,
        fingerprint=group,
        **chosen,
    )


def row(one, batch="b", repeats=1, shard="test:0"):
    """Return *one*, an event, as a row."""
    return Row(shard, one.second, one.fingerprint, batch, repeats, one.time_ns, encode(one))


def delivery(*events, batch="b", repeats=1):
    """Return a delivery of *events*, one row each."""
    rows = [row(one, batch, repeats) for one in events]
    return Delivery(rows, {one.fingerprint: one for one in reversed(events)})


async def query(store, statement):
    """Return the rows of *statement*."""
    async with store.reading() as session:
        return await session.all(statement)


async def stored(store):
    """Return how many repetitions the events have, and how many the catalogue has."""
    ((events,),) = await query(store, "select cast(sum(repeats) as bigint) from events")
    ((total,),) = await query(store, "select cast(sum(total) as bigint) from groups")
    return events, total
