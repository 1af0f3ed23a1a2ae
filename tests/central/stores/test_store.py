"""What a store keeps, in both kinds of databases."""

import asyncio

import pytest

from asynclog.central.stores import Dead, Delivery, Drop, Receipt, Store, open_store
from asynclog.errors import StoreError, StoreUnusable

from .deliveries import delivery, event, query, row, stored


@pytest.fixture(name="store")
async def _store(store_url):
    store = open_store(store_url)
    await store.open()
    yield store
    await store.aclose()


def test_it_is_a_store(sqlite_url):
    """It has what the seam asks for."""
    assert isinstance(open_store(sqlite_url), Store)


async def test_a_delivery_is_kept(store):
    """Every row with its count, every group with its sum."""
    assert await store.deliver(delivery(event("a"), event("b"), repeats=3)) == Receipt(2, 6)

    assert await stored(store) == (6, 6)


async def test_a_delivery_that_comes_again_does_nothing(store):
    """Neither rows nor sums change."""
    await store.deliver(delivery(event(), repeats=3))

    assert await store.deliver(delivery(event(), repeats=3)) == Receipt(0, 0)
    assert await stored(store) == (3, 3)


async def test_only_what_is_new_counts(store):
    """A delivery that is partly there already adds the rest."""
    await store.deliver(delivery(event("a")))

    assert await store.deliver(delivery(event("a"), event("b"))) == Receipt(1, 1)
    assert await stored(store) == (2, 2)


async def test_another_batch_of_the_same_second_adds_up(store):
    """Late events are another row."""
    await store.deliver(delivery(event(), batch="b1"))
    await store.deliver(delivery(event(offset=7), batch="b2"))

    assert await stored(store) == (2, 2)


async def test_the_catalogue_knows_first_and_last(store):
    """In whatever order the batches come."""
    for second in (7, 5, 9):
        await store.deliver(delivery(event(second=second, message=f"at {second}")))

    found = await query(store, "select first_ns, last_ns, title from groups")
    assert found == [(5_000_000_000, 9_000_000_000, "at 5")]


async def test_the_template_names_a_group(store):
    """Rather than the text that was made of it."""
    await store.deliver(delivery(event(template="lost {}", message="lost 7")))

    assert await query(store, "select title, level, label, logger from groups") == [
        ("lost {}", 40, "db", "shop")
    ]


async def test_a_row_without_a_payload_is_counted(store):
    """The producer had no room for more than the number."""
    bare = row(event())._replace(payload=None)
    await store.deliver(Delivery([bare]))
    await store.deliver(delivery(event(second=6)))

    assert await stored(store) == (2, 2)
    assert await query(store, "select title from groups") == [("lost {}",)]


async def test_text_that_databases_refuse_is_kept_as_escapes(store):
    """NUL cannot be stored in PostgreSQL's text."""
    await store.deliver(delivery(event(label="a\0b")))

    assert await query(store, "select label from groups") == [("a\\x00b",)]


async def test_drops_of_a_batch_count_once(store):
    """The same drop delivered again changes nothing; another batch's adds a row."""
    drop = Drop("test:0", 5, "folded", "b1", 7)
    for one in (drop, drop, drop._replace(batch="b2")):
        await store.deliver(Delivery(drops=[one]))

    assert await query(store, "select events from drops order by bid") == [(7,), (7,)]


async def test_a_running_total_only_grows(store):
    """A server that has lost its counters does not take anything back."""
    for events in (3, 9, 2):
        await store.deliver(Delivery(drops=[Drop("test:0", 0, "dropped:20", "", events)]))

    assert await query(store, "select events from drops") == [(9,)]


async def test_dead_letters_are_kept_with_their_reason(store):
    """Payload and all."""
    letter = Dead("test:0", 5, "g", "b", 3, b"\x00\xff", "no event")
    await store.deliver(Delivery(dead=[letter, letter]))

    assert await query(store, "select repeats, reason from dead_letters") == [(3, "no event")]


async def test_a_settled_batch_is_not_counted_again(store):
    """What was rolled up has no rows left that could tell."""
    await query(store, "select 1")
    async with store.alone() as session:
        await session.run("insert into settled values ('test:0', 'b', 0)")

    assert await store.deliver(delivery(event())) == Receipt(0, 0)


async def test_writers_at_the_same_time_count_each_row_once(store_url):
    """Two gatherers deliver the same batches: a lease has run out in the middle."""
    stores = [open_store(store_url) for _ in range(3)]
    many = [delivery(*(event(f"g{n}") for n in range(50)), batch=f"b{b}") for b in range(8)]

    async def write(store):
        return [await deliver_surely(store, one) for one in many]

    receipts = await asyncio.gather(*(write(store) for store in stores))

    assert sum(one.rows for receipt in receipts for one in receipt) == 400
    assert await stored(stores[0]) == (400, 400)
    for store in stores:
        await store.aclose()


async def deliver_surely(store, one):
    """Deliver again until it is done, as a gatherer does."""
    while True:
        try:
            return await store.deliver(one)
        except StoreError:
            await asyncio.sleep(0.01)


async def test_tables_of_a_newer_version_are_refused(store, store_url):
    """A program does not guess at what it does not know."""
    async with store.alone() as session:
        await session.run("insert into asynclog_version values (99, 0)")
    other = open_store(store_url)

    with pytest.raises(StoreUnusable, match="expected tables of version 1 or before, got 99"):
        await other.open()
    await other.aclose()


async def test_a_failure_leaves_nothing_behind(store):
    """The whole delivery comes again, and is new."""
    both = delivery(event())
    both.dead.append(Dead("test:0", 5, "g", "b", 1, None, "no event"))
    async with store.alone() as session:
        await session.run("alter table dead_letters rename to elsewhere")
    with pytest.raises(StoreError):
        await store.deliver(both)
    async with store.alone() as session:
        await session.run("alter table elsewhere rename to dead_letters")

    assert await store.deliver(delivery(event())) == Receipt(1, 1)


async def test_an_error_holds_nothing_of_an_event(store):
    """Neither its text nor the statement."""
    async with store.alone() as session:
        await session.run("drop table events")

    with pytest.raises(StoreError) as caught:
        await store.deliver(delivery(event(message="secret")))
    assert "secret" not in str(caught.value)
    assert "insert" not in str(caught.value)


async def test_a_cancelled_delivery_may_be_repeated(store):
    """Whatever became of it, it counts once."""
    for _ in range(20):
        task = asyncio.create_task(store.deliver(delivery(event())))
        await asyncio.sleep(0.0005)
        task.cancel()
        await asyncio.wait([task])
    await store.deliver(delivery(event()))

    assert await stored(store) == (1, 1)
