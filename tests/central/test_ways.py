"""Events straight into a store: the same counts, with no server in between."""

import asyncio
import signal
import sqlite3
import subprocess
import sys

import pytest

from asynclog import BufferedLogger, Handler, Level
from asynclog.central import CentralSink
from asynclog.central.contents import counted
from asynclog.central.counting import Section
from asynclog.central.stores import Drop, open_store, sqlite
from asynclog.errors import FlushError

from .producing import payload
from .stores.deliveries import query, stored


def logger(url, **options):
    """Return a logger whose lines go to *url*."""
    return BufferedLogger(
        100, 0.02, handlers=Handler(CentralSink(url, flush_interval=0.02, **options))
    )


async def sums(url):
    """Return the events in a store, and the sums of its groups."""
    store = open_store(url)
    try:
        return await stored(store)
    finally:
        await store.aclose()


async def test_lines_are_counted_by_group(store_url):
    """In either kind of store; the catalogue names the group by its template."""
    async with logger(store_url) as builder:
        sender = builder.sender_with_label("db")
        for number in range(100):
            await sender.log(Level.ERROR, "lost {}", number)

    store = open_store(store_url)
    found = await query(store, "select level, label, title, total from groups")
    await store.aclose()
    assert found == [(40, "db", "lost {}", 100)]
    assert await sums(store_url) == (100, 100)


async def test_a_flush_returns_when_the_store_has_everything(sqlite_url):
    """Whoever looks then finds it."""
    async with logger(sqlite_url) as builder:
        sender = builder.sender_with_label("db")
        await sender.info("once")
        await builder.flush()

        assert await sums(sqlite_url) == (1, 1)


async def test_a_locked_store_loses_and_doubles_nothing(sqlite_url, tmp_path, monkeypatch):
    """Lines are counted in memory meanwhile, and a flush says that they are not there."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    async with logger(sqlite_url) as builder:
        sender = builder.sender_with_label("db")
        await sender.info("before")
        await builder.flush()
        other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
        other.execute("begin exclusive")
        for _ in range(500):
            await sender.info("while")
        with pytest.raises(FlushError, match="locked"):
            await builder.flush()
        other.execute("rollback")
        other.close()

    assert await sums(sqlite_url) == (501, 501)


async def test_one_group_with_several_levels_is_one_row(sqlite_url):
    """The store knows no two rows of one group, second and batch."""
    async with logger(sqlite_url) as builder:
        sender = builder.sender_with_label("db")
        for level in (Level.INFO, Level.ERROR):
            await sender.log(level, "same", fingerprint="given")

    assert await sums(sqlite_url) == (2, 2)


def test_what_was_folded_before_is_in_the_delivery():
    """With the name of the batch, so that it counts once."""
    section = Section(5, 20, {"g": (3, payload("g", 5)), "~over": (7, b"")})
    found = counted("test:0", "b", [section], [("folded_producer:20", 7)])

    assert [row.repeats for row in found.rows] == [3]
    assert found.drops == [
        Drop("test:0", 5, "folded", "b", 7),
        Drop("test:0", 0, "folded_producer:20", "b", 7),
    ]


WRITER = """
import asyncio, sys
from asynclog import BufferedLogger, Handler
from asynclog.central import CentralSink
async def main(url, spool):
    sink = CentralSink(url, flush_interval=0.02, spool=spool or None)
    async with BufferedLogger(10, 0.01, handlers=Handler(sink)) as builder:
        sender = builder.sender_with_label("db")
        for number in range(20):
            for _ in range(25):
                await sender.info("line {}", number)
            await builder.flush() if not spool else await sender.flush()
            print(25, flush=True)
asyncio.run(main(*sys.argv[1:]))
"""


async def test_several_processes_write_into_one_file(sqlite_url):
    """Each of their lines counts once."""
    command = [sys.executable, "-c", WRITER, sqlite_url, ""]
    writers = [
        await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL) for _ in range(4)
    ]
    assert [await writer.wait() for writer in writers] == [0] * 4

    assert await sums(sqlite_url) == (2_000, 2_000)


async def test_a_process_that_is_killed_loses_nothing_that_was_flushed(sqlite_url, tmp_path):
    """What was under way comes from the spool, once, with the next process that opens it."""
    spool = tmp_path / "spool"
    command = [sys.executable, "-c", WRITER, sqlite_url, str(spool)]
    writer = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    for _ in range(3):
        await writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    rest = await writer.stdout.read()
    await writer.wait()
    acknowledged = 25 * (3 + len(rest.split()))
    async with logger(sqlite_url, spool=spool) as builder:
        await builder.flush()

    events, total = await sums(sqlite_url)
    assert acknowledged <= events <= 500
    assert events == total


def test_its_place_is_shown_without_the_password():
    """By the sink."""
    assert "secret" not in repr(CentralSink("postgresql://me:secret@db/events"))
