"""Gathering into SQLite, against a stream read by groups of a thousand into SQLite.

Both move the same events, encoded alike, from the same server into a file of the same settings, each
row once, acknowledged after the commit.  They take turns, and the ratio of their medians counts.
The stream's reader keeps its rows as they are; the gatherer also checks each payload, and keeps a
catalogue of groups.

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
from asynclog.central.gatherer import Gatherer
from asynclog.central.scripts import Scripts
from asynclog.central.stores import open_store
from tests.central.producing import fill, long_ago, payload
from tests.central.servers import Server

GOAL = 1.5
"""Times the rows a second of the stream."""
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


async def by_stream(server, directory, rows):
    """Return the rows a second that a consumer group brings from a stream into SQLite."""
    client = redis.asyncio.Redis(port=server.port)
    first = long_ago()
    for start in range(0, rows, GROUPS):
        pipeline = client.pipeline(transaction=False)
        for number in range(start, min(start + GROUPS, rows)):
            event = payload(f"g{number % GROUPS}", first + number // GROUPS)
            pipeline.xadd("stream", {"group": f"g{number % GROUPS}", "payload": event})
        await pipeline.execute()
    await client.xgroup_create("stream", "gatherers", id="0")
    database = sqlite3.connect(f"{directory}/streamed.db", check_same_thread=False)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table events (id text primary key, gkey text, payload blob)")
    begun = time.perf_counter()
    while await _consume(client, database):
        pass
    taken = time.perf_counter() - begun
    ((stored,),) = database.execute("select count(*) from events")
    assert stored == rows
    database.close()
    await client.aclose()
    return rows / taken


async def _consume(client, database):
    """Move up to a thousand entries; return how many there were."""
    found = await client.xreadgroup("gatherers", "me", {"stream": ">"}, count=1000)
    if not found:
        return 0
    entries = (found if isinstance(found, list) else list(found.items()))[0][1]
    if entries and isinstance(entries[0], list):
        entries = entries[0]
    rows = [(name, fields[b"group"], fields[b"payload"]) for name, fields in entries]
    await asyncio.to_thread(_insert, database, rows)
    await client.xack("stream", "gatherers", *(name for name, _, _ in rows))
    return len(rows)


def _insert(database, rows):
    with database:
        database.executemany("insert into events values (?, ?, ?) on conflict do nothing", rows)


async def measure(rounds, rows):
    """Return the rows a second of both, round by round."""
    results = {by_gatherer: [], by_stream: []}
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
    gathered, streamed = asyncio.run(measure(options.rounds, options.rows))
    ratio = statistics.median(gathered) / statistics.median(streamed)
    print(f"gatherer   {statistics.median(gathered):>9,.0f} rows/s")
    print(f"stream     {statistics.median(streamed):>9,.0f} rows/s")
    print(f"ratio      {ratio:>9.2f}, expected {GOAL} or more")
    sys.exit(ratio < GOAL)


if __name__ == "__main__":
    main()
