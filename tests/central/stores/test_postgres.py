"""What happens to PostgreSQL while it is written."""

import asyncio

import pytest

from asynclog.central.stores import Receipt, open_store
from asynclog.errors import StoreError, StoreUnusable

from .deliveries import delivery, event, stored


@pytest.fixture(name="store")
async def _store(postgres):
    store = open_store(postgres.url)
    await store.open()
    yield store
    await store.aclose()


async def test_a_restart_in_the_middle_of_a_transaction_loses_and_doubles_nothing(store, postgres):
    """The transaction never was; it comes again."""
    original = store._settled

    async def settled(session, one):
        await asyncio.to_thread(postgres.crash)
        return await original(session, one)

    store._settled = settled
    with pytest.raises(StoreError):
        await store.deliver(delivery(event(), repeats=3))
    store._settled = original

    assert await store.deliver(delivery(event(), repeats=3)) == Receipt(1, 3)
    assert await stored(store) == (3, 3)


async def test_a_connection_that_was_ended_is_made_anew(store, postgres):
    """The delivery that found it out comes again."""
    await store.deliver(delivery(event("a")))
    postgres.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    )
    with pytest.raises(StoreError):
        await store.deliver(delivery(event("b")))

    assert await store.deliver(delivery(event("b"))) == Receipt(1, 1)


async def test_a_database_that_only_reads_is_an_error_that_passes(store, postgres):
    """As one that was demoted."""
    name = f"test{postgres.number}"
    postgres.sql(f"alter database {name} set default_transaction_read_only = on")
    await store.aclose()
    with pytest.raises(StoreError, match="read-only"):
        await store.deliver(delivery(event()))
    postgres.sql(
        f"begin read write; alter database {name} set default_transaction_read_only = off; commit"
    )

    assert await store.deliver(delivery(event())) == Receipt(1, 1)


async def test_a_missing_database_is_told(postgres):
    """It will not come by itself."""
    store = open_store(f"postgresql://postgres:secret@/nowhere?host={postgres.directory}")

    with pytest.raises(StoreUnusable, match='database "nowhere" does not exist'):
        await store.open()


async def test_a_server_out_of_reach_is_an_error_that_passes():
    """And the password stays out of it."""
    store = open_store("postgresql://me:secret@127.0.0.1:1/events")

    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1/events") as caught:
        await store.open()
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value, StoreUnusable)
