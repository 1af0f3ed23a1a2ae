"""What can be read from a store."""

import sqlite3

import msgspec
import pytest

from asynclog.central.reader import BUCKETS, EventReader, Wanted
from asynclog.central.stores import Dead, Delivery, Drop, open_store
from asynclog.errors import StoreUnusable

from .stores.deliveries import delivery, event


@pytest.fixture(name="store")
async def _store(store_url):
    store = open_store(store_url)
    await store.open()
    yield store
    await store.aclose()


@pytest.fixture(name="reader")
async def _reader(store, store_url):
    async with EventReader(store_url) as reader:
        yield reader


async def fill(store):
    """Three groups: one often, one lately, one of no importance."""
    for second in range(100, 140):
        await store.deliver(delivery(event("often", second, message="lost"), repeats=9))
    await store.deliver(delivery(event("lately", 190, message="Timeout", label="web.1")))
    await store.deliver(delivery(event("quiet", 150, level=20, label="web.2")))


def names(listing):
    """Return the groups of a listing."""
    return [one.group for one in listing.groups]


async def test_groups_come_by_when_they_were_seen_last(store, reader):
    """Or by how often."""
    await fill(store)

    assert names(await reader.groups()) == ["lately", "quiet", "often"]
    assert names(await reader.groups(by_count=True)) == ["often", "lately", "quiet"]
    assert names(await reader.groups(limit=1)) == ["lately"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(level=40), ["lately", "often"]),
        (Wanted(label="web.*"), ["lately", "quiet"]),
        (Wanted(text="timeOUT"), ["lately"]),
        (Wanted(since_ns=150_000_000_000), ["lately", "quiet"]),
        (Wanted(text="nothing"), []),
    ],
)
async def test_groups_are_chosen(store, reader, wanted, found):
    """By level, label, text and time."""
    await fill(store)

    assert names(await reader.groups(wanted)) == found


async def test_counts_since_a_time_are_of_that_time(store, reader):
    """The total is not."""
    await fill(store)
    (group,) = (
        await reader.groups(Wanted(since_ns=137_000_000_000, label="db", text="lost"))
    ).groups

    assert (group.recent, group.total) == (27, 360)


async def test_a_history_has_every_event_in_one_part(store, reader):
    """Of equal width."""
    await fill(store)
    listing = await reader.groups()

    assert [sum(one.counts) for one in listing.groups] == [1, 1, 360]
    assert listing.span.width * BUCKETS >= 91


async def test_a_group_is_found_by_its_beginning(store, reader):
    """As commits are by git."""
    await fill(store)

    assert [one.group for one in await reader.find("of")] == ["often"]
    assert await reader.find("nothing") == []


async def test_a_whole_name_is_one_group(store, reader):
    """Even where another begins with it."""
    await store.deliver(delivery(event("a"), event("ab")))

    assert [one.group for one in await reader.find("a")] == ["a"]


async def test_samples_are_the_newest_and_the_first(store, reader):
    """Each with its own count."""
    await fill(store)
    found = await reader.samples("often", 2)

    assert [one.second for one in found] == [139, 138, 100]
    assert [one.repeats for one in found] == [9, 9, 1]


async def test_the_latest_come_in_order_of_time(store, reader):
    """As they would have been logged."""
    await fill(store)
    found = [one.second for _, one in await reader.latest(limit=3)]

    assert found == [139, 150, 190]


async def test_the_latest_of_several_shards_are_mixed(store, reader):
    """In order of time."""
    for shard, second in (("a", 7), ("b", 5), ("c", 6)):
        one = delivery(event(second=second))
        one.rows[0] = one.rows[0]._replace(shard=shard)
        await store.deliver(one)

    assert [one.second for _, one in await reader.latest()] == [5, 6, 7]


async def test_what_is_missing_is_told(store, reader):
    """By cause; and what cannot be read."""
    drops = [Drop("test:0", 0, "dropped:20", "", 5), Drop("test:0", 7, "folded", "b", 3)]
    await store.deliver(Delivery(drops=drops, dead=[Dead("test:0", 5, "g", "b", 4, None, "no")]))
    lost = await reader.lost()

    assert (lost.drops, lost.dead) == ({"dropped:20": 5}, 4)


async def test_a_payload_of_a_newer_version_is_passed_over(store, reader):
    """Reading goes on with the rest."""
    one = delivery(event("a"), event("b"))
    one.rows[0] = one.rows[0]._replace(payload=msgspec.msgpack.encode(["new"]))
    await store.deliver(one)

    assert [found.fingerprint for _, found in await reader.latest()] == ["b"]


@pytest.mark.parametrize("prefix", ["", "%", "\U0010ffff", "\ud800", "\0", "\ud7ff"])
async def test_any_beginning_may_be_asked_for(store, reader, prefix):
    """It finds what begins so."""
    await fill(store)

    assert len(await reader.find(prefix)) == (0 if prefix else 3)


@pytest.mark.parametrize("since_ns", [-(10**30), 10**30])
async def test_any_time_may_be_asked_for(store, reader, since_ns):
    """However far away."""
    await fill(store)

    assert len((await reader.groups(Wanted(since_ns=since_ns))).groups) == (
        3 if since_ns < 0 else 0
    )


async def test_reading_makes_no_tables(tmp_path):
    """In what may be the database of something else."""
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("create table own (a)")
    other.close()
    async with EventReader(f"sqlite:///{path}") as reader:
        with pytest.raises(StoreUnusable, match="there are no tables of a gatherer in it"):
            await reader.groups()

    assert sqlite3.connect(path).execute("select name from sqlite_master").fetchall() == [("own",)]


async def test_reading_makes_no_file(tmp_path):
    """A misspelt path is told."""
    path = tmp_path / "missing.db"
    async with EventReader(f"sqlite:///{path}") as reader:
        with pytest.raises(StoreUnusable, match="there is no such file"):
            await reader.groups()
    assert not path.exists()
