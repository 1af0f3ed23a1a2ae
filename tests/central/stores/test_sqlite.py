"""What happens to a file of SQLite while it is written."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from asynclog.central.stores import Receipt, open_store, sqlite
from asynclog.errors import StoreError, StoreUnusable

from .deliveries import delivery, event, stored


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "events.db"


@pytest.fixture(name="store")
async def _store(sqlite_url, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(sqlite, "MISSING_SECONDS", 0)
    store = open_store(sqlite_url)
    await store.open()
    yield store
    await store.aclose()


async def test_the_file_is_not_for_everybody(store, path):
    """Nor are those beside it: logs hold what is nobody's business."""
    await store.deliver(delivery(event()))

    modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    assert modes == {0o640 & ~_umask()}


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


async def test_a_locked_file_is_an_error_that_passes(store, path):
    """And the loop goes on meanwhile."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    with pytest.raises(StoreError, match="locked"):
        await store.deliver(delivery(event()))
    other.execute("rollback")
    other.close()

    assert await store.deliver(delivery(event())) == Receipt(1, 1)


async def test_a_reader_that_takes_its_time_is_no_obstacle(store, path):
    """The log is written ahead."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin")
    other.execute("select * from events").fetchall()

    assert await store.deliver(delivery(event())) == Receipt(1, 1)
    other.close()


async def test_the_loop_goes_on_while_a_writer_waits(sqlite_url, path, monkeypatch):
    """The waiting is done in a thread."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 20)
    store = open_store(sqlite_url)
    await store.open()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    task = asyncio.create_task(store.deliver(delivery(event())))
    for _ in range(10):
        await asyncio.sleep(0.01)
    assert not task.done()
    other.close()

    assert await task == Receipt(1, 1)
    await store.aclose()


async def test_a_file_that_was_taken_away_is_noticed(store, path):
    """The delivery goes into a new one."""
    await store.deliver(delivery(event("a")))
    path.unlink()

    assert await store.deliver(delivery(event("b"))) == Receipt(1, 1)
    assert await stored(store) == (1, 1)


async def test_a_file_that_was_taken_away_is_not_made_anew_at_once(store, path, monkeypatch):
    """Whoever took it away may be about to put another one there."""
    monkeypatch.setattr(sqlite, "MISSING_SECONDS", 60)
    path.unlink()
    with pytest.raises(StoreError, match="the file was removed"):
        await store.deliver(delivery(event()))

    assert list(path.parent.iterdir()) == []


async def test_a_file_that_was_replaced_is_noticed(store, path):
    """As by a backup that was put back."""
    await store.deliver(delivery(event("a")))
    path.rename(path.with_suffix(".old"))

    assert await store.deliver(delivery(event("a"))) == Receipt(1, 1)


async def test_a_file_taken_away_in_the_middle_is_an_error(store, path):
    """What was committed into it is delivered again, to the one that is there then."""

    async def settled(session, one):
        path.unlink(missing_ok=True)
        return set()

    store._settled = settled
    with pytest.raises(StoreError, match="removed or replaced"):
        await store.deliver(delivery(event()))
    del store._settled

    assert await store.deliver(delivery(event())) == Receipt(1, 1)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 9])
async def test_what_is_no_database_is_refused(path, sqlite_url, content):
    """And left as it is."""
    path.write_bytes(content)
    store = open_store(sqlite_url)

    with pytest.raises(StoreUnusable, match="not a database"):
        await store.open()
    assert path.read_bytes() == content
    await store.aclose()


async def test_a_missing_directory_is_told():
    """A misspelt path does not make directories."""
    store = open_store("sqlite:////no/such/events.db")

    with pytest.raises(StoreUnusable, match="there is no directory /no/such"):
        await store.open()


async def test_a_full_disk_is_an_error_that_passes(store, path):
    """The transaction is taken back; with room again, it comes through."""
    async with store.reading() as session:
        ((pages,),) = await session.all("pragma page_count")
        await session.all(f"pragma max_page_count={pages}")
    many = delivery(*(event(f"g{n}", message="x" * 500) for n in range(200)))
    with pytest.raises(StoreError, match="full"):
        await store.deliver(many)

    assert await store.deliver(many) == Receipt(200, 200)  # by a connection without that limit


def test_its_place_is_told(sqlite_url, path):
    """As a path."""
    assert repr(open_store(sqlite_url)) == f"SQLStore({str(Path(path))!r})"
