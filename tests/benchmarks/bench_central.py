"""What central events cost, against a stream: XADD, pipelined by a thousand, in the same run.

Run as a script: `python tests/benchmarks/bench_central.py [--check]`.  Each round runs every peer once,
one after the other, so that a machine that slows down slows all of them down; the figures are the
medians of the rounds' ratios.  Time is from the first call until the server, a real Valkey, has
acknowledged the last event.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from time import perf_counter
from typing import TYPE_CHECKING

import redis.asyncio as redis

from asynclog import BufferedLogger, Handler
from asynclog.central import CentralSink
from asynclog.central.event import encode, from_record
from asynclog.central.fingerprint import fingerprint
from asynclog.records import Record
from asynclog.sinks import NullSink
from tests.central.servers import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS = 5
EVENTS = 60_000
PIPELINE = 1_000
SHARES = {"0 %": 1, "99 %": 100, "99.99 %": 10_000}
"""Events of each group, by the share of those that repeat another one."""
WANTED = {"0 %": 1.2, "99 %": 20.0, "99.99 %": 40.0}
"""How many times as many events a second as the stream takes."""
MEMORY = {"0 %": 1.3, "99 %": 0.02}
"""What an event may take at the server, as a multiple of what it takes in the stream."""
MAX_REPORT_US = 0.5
"""What counting may add to a line."""
MESSAGE = "connection {} to the database of customer records was refused by the peer, giving up"


def _text(number: int) -> str:
    return MESSAGE.format(number)


async def stream(server: Server, repeats: int, events: int) -> float:
    """Return the seconds of *events* in a stream, each a command of its own."""
    client = redis.Redis(port=server.port)
    await client.ping()
    start = perf_counter()
    for first in range(0, events, PIPELINE):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, min(first + PIPELINE, events)):
            record = Record(number, 40, "orders", _text(number // repeats))
            pipeline.xadd("stream", {"e": encode(from_record(record, ""))})
        await pipeline.execute()
    seconds = perf_counter() - start
    await client.aclose()
    return seconds


async def central(server: Server, repeats: int, events: int) -> float:
    """Return the seconds of *events*, logged as any line is."""
    sink = CentralSink(server.url)
    async with BufferedLogger(1_000, 1.0, handlers=Handler(sink, formatter=_Nothing())) as logger:
        sender = logger.sender_with_label("orders")
        await sender.error("first")
        await logger.flush()
        start = perf_counter()
        for number in range(events):
            await sender.error(_text(number // repeats))
        await logger.flush()
        seconds = perf_counter() - start
        assert sink.statistics().acknowledged == events + 1, sink.statistics()
    return seconds


class _Nothing:
    """Formats nothing: a server of events takes records, not text."""

    def format(self, record: Record) -> str:
        """Return no text."""
        return ""

    def format_batch(self, records: list[Record]) -> list[str]:
        """Return no texts."""
        return [""] * len(records)


async def measured(
    server: Server, peer: Callable[..., Awaitable[float]], repeats: int, events: int
) -> tuple[float, float]:
    """Return events a second, and bytes of an event at the server."""
    server.client.flushall()
    before = server.client.info("memory")["used_memory"]
    seconds = await peer(server, repeats, events)
    used = server.client.info("memory")["used_memory"] - before
    return events / seconds, used / events


def compare(server: Server) -> list[str]:
    """Print how both fare with each share of repeats; return what misses its goal."""
    missed = []
    for share, repeats in SHARES.items():
        speeds, sizes, rates = [], [], []
        events = EVENTS if repeats == 1 else EVENTS * 5
        for _ in range(ROUNDS):
            peer_speed, peer_size = asyncio.run(measured(server, stream, repeats, EVENTS))
            own_speed, own_size = asyncio.run(measured(server, central, repeats, events))
            speeds.append(own_speed / peer_speed)
            sizes.append(own_size / peer_size)
            rates.append(own_speed)
        speed, size = statistics.median(speeds), statistics.median(sizes)
        print(
            f"{share:>8} repeats: {statistics.median(rates):>10,.0f} events/s, "
            f"{speed:6.2f} times a stream's, with {size:7.4f} of its memory"
        )
        missed += [f"speed at {share}"] * (speed < WANTED[share])
        missed += [f"memory at {share}"] * (size > MEMORY.get(share, 1.0))
    return missed


async def counted(sink: object) -> float:
    """Return the microseconds of a line that ends in *sink*."""
    handler = Handler(sink, formatter=_Nothing())
    async with BufferedLogger(1_000, 1.0, handlers=handler) as logger:
        sender = logger.sender_with_label("orders")
        start = perf_counter()
        for _ in range(EVENTS):
            await sender.error("the same text every time")
        await logger.flush()
        return (perf_counter() - start) / EVENTS * 1e6


def report(server: Server) -> list[str]:
    """Print what counting adds to a line that goes nowhere; return whether that is too much."""
    added = []
    for _ in range(ROUNDS):
        nowhere = asyncio.run(counted(NullSink()))
        added.append(asyncio.run(counted(CentralSink(server.url))) - nowhere)
    record = Record(0, 40, "orders", "the same text every time")
    start = perf_counter()
    for _ in range(EVENTS):
        fingerprint(record)
    print(
        f"counting adds {statistics.median(added):.2f} us to a line; "
        f"of that, its group {(perf_counter() - start) / EVENTS * 1e6:.2f} us"
    )
    return ["counting"] * (statistics.median(added) > MAX_REPORT_US)


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
