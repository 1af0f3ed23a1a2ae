"""A producer that counts lines with a spool, and says how many it has, until it is killed.

Run as `python -m tests.central.trials.producer URL SPOOL NAME RATE`.
"""

from __future__ import annotations

import asyncio
import sys
import time

from asynclog import Level
from asynclog.central import CentralSink
from asynclog.records import Batch, Record

TICK = 0.05
"""Seconds between two writes."""
KINDS = 40
"""Groups of each producer."""


def lines(first, count, name):
    """Return *count* lines; which group a line is of depends on its number only."""
    records = [
        Record(time.time_ns(), Level.ERROR, f"{name}.{number % KINDS}", "lost", template="lost")
        for number in range(first, first + count)
    ]
    return Batch(records, [record.message for record in records])


async def produce(url, spool, name, rate):
    """Write a batch whenever standard input says so; say how many lines are written."""
    sink = CentralSink(url, spool=spool, flush_interval=0.1)
    await sink.open()
    written = 0
    try:
        while await asyncio.to_thread(sys.stdin.readline):
            await sink.write(lines(written, rate, name))
            written += rate
            print(rate, flush=True)
    finally:
        await sink.aclose()


if __name__ == "__main__":
    asyncio.run(produce(*sys.argv[1:4], int(sys.argv[4])))
