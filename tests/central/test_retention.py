"""How a store is made smaller, and what stays."""

import pytest

from asynclog.central import retention
from asynclog.central.reader import EventReader
from asynclog.central.retention import SLOTS, prune, roll_up
from asynclog.central.stores import Dead, Delivery, Drop, Receipt, open_store

from .stores.deliveries import delivery, event, query


@pytest.fixture(name="store")
async def _store(store_url):
    store = open_store(store_url)
    await store.open()
    yield store
    await store.aclose()


async def fill(store, seconds=range(0, 300, 3)):
    """Deliver an event in each of *seconds*, in batches of their own."""
    for second in seconds:
        await store.deliver(delivery(event("g", second), batch=f"b{second}", repeats=2))


async def counts(store):
    """Return the events in seconds, in minutes, and in the catalogue."""
    tables = (("events", "repeats"), ("minutes", "repeats"), ("groups", "total"))
    found = []
    for table, column in tables:
        statement = f"select cast(coalesce(sum({column}), 0) as bigint) from {table}"
        found.append((await query(store, statement))[0][0])
    return tuple(found)


async def test_seconds_become_minutes(store):
    """No event is lost by it, and whole minutes go."""
    await fill(store)
    gone = await roll_up(store, 200)

    assert gone == (60, 120)
    assert await counts(store) == (80, 120, 200)
    assert await query(store, "select minute, repeats from minutes order by 1") == [
        (0, 40),
        (60, 40),
        (120, 40),
    ]


async def test_a_batch_that_comes_again_after_its_seconds_went_is_not_counted(store):
    """Its name is kept."""
    await fill(store)
    await roll_up(store, 200)

    again = delivery(event("g", 30), batch="b30", repeats=2)
    assert await store.deliver(again) == Receipt(0, 0)
    late = delivery(event("g", 30), batch="late", repeats=2)
    assert await store.deliver(late) == Receipt(1, 2)


async def test_some_payloads_stay(store, store_url):
    """Those with the lowest lots; and the first one ever."""
    await fill(store)
    await roll_up(store, 10_000)
    async with EventReader(store_url) as reader:
        samples = await reader.samples("g", 20)

    assert SLOTS <= len(samples) <= SLOTS + 1
    assert samples[-1].second == 0


async def test_the_sample_does_not_depend_on_how_it_is_taken(store, monkeypatch):
    """In one go, or in many."""
    await fill(store)
    monkeypatch.setattr(retention, "CHUNK", 7)
    await roll_up(store, 120)
    await roll_up(store, 10_000)
    found = await query(store, "select slot, lot from exemplars order by slot")

    rows = [("test:0", n, "g", f"b{n}", 2, n * 10**9, b"x") for n in range(0, 300, 3)]
    assert found == [row[1:3] for row in retention._exemplars(rows)]


async def test_a_history_goes_on_after_a_roll_up(store, store_url):
    """Counts by the minute are in it."""
    await fill(store)
    await roll_up(store, 200)
    async with EventReader(store_url) as reader:
        (group,) = (await reader.groups()).groups

    assert sum(group.counts) == group.total == 200


async def test_what_is_old_goes(store):
    """And what is left keeps its total."""
    await fill(store)
    await store.deliver(delivery(event("old", 5)))
    gone = await prune(store, 150)

    assert gone == (51, 101)
    assert await query(store, "select gkey, total from groups") == [("g", 200)]
    assert (await counts(store))[0] == 100


async def test_drops_and_dead_letters_go_as_well(store):
    """But not the running totals."""
    drops = [Drop("test:0", 0, "dropped:20", "", 5), Drop("test:0", 7, "folded", "b", 3)]
    await store.deliver(Delivery(drops=drops, dead=[Dead("test:0", 5, "g", "b", 4, None, "no")]))
    await prune(store, 150)

    assert await query(store, "select events from drops") == [(5,)]
    assert await query(store, "select count(*) from dead_letters") == [(0,)]


async def test_minutes_and_exemplars_go_with_their_group(store):
    """Nothing of it is left."""
    await fill(store)
    await roll_up(store, 10_000)
    await prune(store, 20_000)

    assert await counts(store) == (0, 0, 0)
    assert await query(store, "select count(*) from exemplars") == [(0,)]
