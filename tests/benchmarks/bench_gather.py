"""Gathering into SQLite, against a stream read by groups of a thousand into SQLite.

All move the same events, all different, encoded alike, from the same server into a file of the same
settings, each row once, acknowledged after the commit.  They take turns, and the ratio of their
medians counts.  One reader of the stream fills the same tables as the gatherer, through the same store;
the other keeps its rows as they come, unread, in one table without a catalogue of groups.

    python tests/benchmarks/bench_gather.py [--rounds 5] [--rows 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import redis.asyncio

sys.path.insert(0, str(Path(__file__).parents[2]))

from asynclog.central.connection import connect
from asynclog.central.contents import Batch, merge, read
from asynclog.central.event import decode
from asynclog.central.gatherer import Gatherer
from asynclog.central.scripts import Scripts
from asynclog.central.stores import open_store
from tests.central.producing import fill, long_ago, payload
from tests.central.servers import Server

GOAL = 1.5
"""Times the rows a second of a stream into the same tables."""
GROUPS = 1_000
"""Of each second: all different."""


async def by_gatherer(server, directory, rows):
    """Return the rows a second that a gatherer brings from the server into SQLite."""
    connection = connect(server.url)
    await fill(Scripts(connection), rows // GROUPS, {f"g{n}": 1 for n in range(GROUPS)})
    await connection.aclose()
    store = f"sqlite:///{directory}/gathered.db"
    prepared = open_store(store)
    await prepared.open()  # the first one of a process loads the driver, too
    await prepared.aclose()
    async with Gatherer(server.url, store, horizon=0, grace=0) as gatherer:
        begun = time.perf_counter()
        account = await gatherer.run(once=True)
        taken = time.perf_counter() - begun
    assert account.rows == rows
    return rows / taken


async def by_same_store(server, directory, rows):
    """Return the rows a second that a consumer group brings into the tables of a gatherer."""
    client = await _streamed(server, rows)
    store = open_store(f"sqlite:///{directory}/streamed.db")
    await store.open()
    begun = time.perf_counter()
    while entries := await _entries(client):
        contents = []
        for name, fields in entries:
            event = decode(fields[b"payload"])
            batch = Batch("stream", name.decode(), event.second)
            member = fields[b"group"]
            contents.append(read(batch, [(member, 1)], {member: fields[b"payload"]}))
        await store.deliver(merge(contents))
        await client.xack("stream", "gatherers", *(name for name, _ in entries))
    taken = time.perf_counter() - begun
    await store.aclose()
    await client.aclose()
    return rows / taken


async def by_stream(server, directory, rows):
    """Return the rows a second that a consumer group brings from a stream into one table."""
    client = await _streamed(server, rows)
    database = sqlite3.connect(f"{directory}/streamed.db", check_same_thread=False)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table events (id text primary key, gkey text, payload blob)")
    begun = time.perf_counter()
    while entries := await _entries(client):
        found = [(name, fields[b"group"], fields[b"payload"]) for name, fields in entries]
        await asyncio.to_thread(_insert, database, found)
        await client.xack("stream", "gatherers", *(name for name, _ in entries))
    taken = time.perf_counter() - begun
    ((stored,),) = database.execute("select count(*) from events")
    assert stored == rows
    database.close()
    await client.aclose()
    return rows / taken


async def _streamed(server, rows):
    """Fill a stream with *rows* events; return a client."""
    client = redis.asyncio.Redis(port=server.port)
    first = long_ago()
    for start in range(0, rows, GROUPS):
        pipeline = client.pipeline(transaction=False)
        for number in range(start, min(start + GROUPS, rows)):
            event = payload(f"g{number % GROUPS}", first + number // GROUPS)
            pipeline.xadd("stream", {"group": f"g{number % GROUPS}", "payload": event})
        await pipeline.execute()
    await client.xgroup_create("stream", "gatherers", id="0")
    return client


async def _entries(client):
    """Return up to a thousand entries that nobody has had."""
    found = await client.xreadgroup("gatherers", "me", {"stream": ">"}, count=1000)
    if not found:
        return []
    entries = (found if isinstance(found, list) else list(found.items()))[0][1]
    return entries[0] if entries and isinstance(entries[0], list) else entries


def _insert(database, rows):
    with database:
        database.executemany("insert into events values (?, ?, ?) on conflict do nothing", rows)


async def measure(rounds, rows):
    """Return the rows a second of both, round by round."""
    results = {by_gatherer: [], by_same_store: [], by_stream: []}
    with tempfile.TemporaryDirectory() as directory, Server(Path(directory) / "server") as server:
        for number in range(rounds):
            for one, figures in results.items():
                server.client.flushall()
                place = Path(directory) / f"{number}-{one.__name__}"
                place.mkdir()
                figures.append(await one(server, place, rows))
    return results.values()


def main():
    """Print what was measured; exit with 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    figures = asyncio.run(measure(options.rounds, options.rows))
    gathered, alike, bare = map(statistics.median, figures)
    print(f"gatherer                   {gathered:>9,.0f} rows/s")
    print(f"stream, the same tables    {alike:>9,.0f} rows/s, {gathered / alike:.2f} times that")
    print(f"stream, one table, unread  {bare:>9,.0f} rows/s, {gathered / bare:.2f} times that")
    sys.exit(gathered / alike < GOAL)


if __name__ == "__main__":
    main()
