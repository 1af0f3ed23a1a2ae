"""What central events cost, against a stream: XADD, pipelined by a thousand, in the same run.

Run as a script: `python tests/benchmarks/bench_central.py [--check]`.  Each round runs every peer once,
one after the other, so that a machine that slows down slows all of them down; the figures are the
medians of the rounds' ratios, of memory the mean.  Time is from the first call until the server, a
real Valkey, has acknowledged the last event.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from time import perf_counter, time_ns
from typing import TYPE_CHECKING

import redis.asyncio as redis

from asynclog import BufferedLogger, Handler
from asynclog.central import CentralLog, CentralSink
from asynclog.central.event import encode, from_record
from asynclog.central.reports import Limits
from asynclog.records import Record
from asynclog.waiting import ACCEPTED
from tests.central.servers import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS = 5
EVENTS = 60_000
SIZES = [round(EVENTS * 2 ** (number / ROUNDS - 0.5)) for number in range(ROUNDS)]
"""Events of each round, evenly spread over a doubling: how full a hash table is depends on them."""
PIPELINE = 1_000
SHARES = {"0 %": 1, "99 %": 100, "99.99 %": 10_000}
"""Events of each group, by the share of those that repeat another one."""
WANTED = {"0 %": 1.2, "99 %": 20.0, "99.99 %": 40.0}
"""How many times as many events a second as the stream takes."""
MEMORY = {"0 %": 1.3, "99 %": 0.02}
"""What an event may take at the server, as a multiple of what it takes in the stream."""
MAX_REPORT_US = 0.5
"""Microseconds that it may take to count a line."""
ROOM = Limits(groups=EVENTS * 5, groups_per_second=EVENTS * 5, bytes=1 << 30)
"""So much that nothing folds."""
MESSAGE = "connection {} to the database of customer records was refused by the peer, giving up"


def texts(repeats: int, events: int) -> list[str]:
    """Return the text of each event; one that repeats another is the same object."""
    different = [MESSAGE.format(number) for number in range(events // repeats + 1)]
    return [different[number // repeats] for number in range(events)]


async def stream(server: Server, repeats: int, events: int) -> float:
    """Return the seconds of *events* in a stream, each a command of its own."""
    client = redis.Redis(port=server.port)
    await client.ping()
    lines = texts(repeats, events)
    start = perf_counter()
    for first in range(0, events, PIPELINE):
        pipeline = client.pipeline(transaction=False)
        for line in lines[first : first + PIPELINE]:
            record = Record(time_ns(), 40, "orders", line)
            pipeline.xadd("stream", {"e": encode(from_record(record, ""))})
        await pipeline.execute()
    seconds = perf_counter() - start
    await client.aclose()
    return seconds


async def central(server: Server, repeats: int, events: int) -> float:
    """Return the seconds of *events*, reported line by line."""
    async with CentralLog(server.url, limits=ROOM) as log:
        sender = log.sender_with_label("orders")
        await sender.error("first")
        await log.flush()
        lines = texts(repeats, events)
        start = perf_counter()
        for line in lines:
            await sender.error(line)
        await log.flush()
        seconds = perf_counter() - start
        assert log.statistics().acknowledged == events + 1, log.statistics()
    assert not server.client.exists("{asynclog:0}:drops"), "folded"
    return seconds


async def logged(server: Server, repeats: int, events: int) -> float:
    """Return the seconds of *events*, through a whole logger."""
    sink = CentralSink(server.url, limits=ROOM)
    async with BufferedLogger(1000, 5.0, handlers=Handler(sink), close_timeout=60) as logger:
        sender = logger.sender_with_label("orders")
        await sender.error("first")
        await logger.flush()
        lines = texts(repeats, events)
        start = perf_counter()
        for line in lines:
            await sender.error(line)
        await logger.flush()
        seconds = perf_counter() - start
        assert sink.statistics().acknowledged == events + 1, sink.statistics()
    return seconds


async def measured(
    server: Server, peer: Callable[..., Awaitable[float]], repeats: int, events: int
) -> tuple[float, float]:
    """Return events a second, and bytes of an event at the server."""
    server.client.flushall()
    seconds = await peer(server, repeats, events)
    used = sum(server.client.memory_usage(key, samples=0) for key in server.client.scan_iter())
    return events / seconds, used / events


def compare(server: Server) -> list[str]:
    """Print how both fare with each share of repeats; return what misses its goal."""
    missed = []
    for share, repeats in SHARES.items():
        speeds, sizes, rates, whole = [], [], [], []
        for peer_events in SIZES:
            events = peer_events if repeats == 1 else peer_events * 5
            peer_speed, peer_size = asyncio.run(measured(server, stream, repeats, peer_events))
            own_speed, own_size = asyncio.run(measured(server, central, repeats, events))
            speeds.append(own_speed / peer_speed)
            sizes.append(own_size / peer_size)
            rates.append(own_speed)
            logged_speed, _ = asyncio.run(measured(server, logged, repeats, events))
            whole.append(logged_speed / peer_speed)
        speed, size = statistics.median(speeds), statistics.mean(sizes)
        print(
            f"{share:>8} repeats: {statistics.median(rates):>10,.0f} events/s, "
            f"{speed:6.2f} times a stream's, with {size:7.4f} of its memory; "
            f"{statistics.median(whole):5.2f} times through a whole logger"
        )
        missed += [f"speed at {share}"] * (speed < WANTED[share])
        missed += [f"memory at {share}"] * (size > MEMORY.get(share, 1.0))
    return missed


async def counted(url: str) -> tuple[float, float]:
    """Return the microseconds of a line that is known, and of as much that is not counted."""
    async with CentralLog(url) as log:
        sender = log.sender_with_label("orders")
        await sender.error(MESSAGE)
        start = perf_counter()
        for _ in range(EVENTS):
            await sender.error(MESSAGE)
        middle = perf_counter()
        for _ in range(EVENTS):
            await _nothing(MESSAGE)
        end = perf_counter()
    return (middle - start) / EVENTS * 1e6, (end - middle) / EVENTS * 1e6


def _nothing(text: str, /, *args: object, **attributes: object) -> object:
    return ACCEPTED


def report(server: Server) -> list[str]:
    """Print what it takes to count a line; return whether that is too much."""
    pairs = [asyncio.run(counted(server.url)) for _ in range(ROUNDS)]
    taken = statistics.median(line - nothing for line, nothing in pairs)
    print(f"a line that repeats another takes {taken:.2f} us")
    return ["counting"] * (taken > MAX_REPORT_US)


def main() -> None:
    """Run all; with `--check`, fail where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, Server(directory) as server:
        missed = compare(server) + report(server)
    if missed:
        print("missed:", ", ".join(missed))
    sys.exit(bool(missed and options.check))


if __name__ == "__main__":
    main()
