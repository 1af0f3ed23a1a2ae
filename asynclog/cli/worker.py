"""One worker of `asynclog demo --central`: logs a burst whenever it is told to, until it is killed.

Run as `python -m asynclog.cli.worker URL SPOOL NAME`.  For each line on standard input it logs as
many lines as stand there, and prints the number once they are as safe as a spool makes them.
"""

from __future__ import annotations

import asyncio
import sys
import time

from ..central import CentralSink
from ..levels import Level
from ..records import Batch, Record

TEMPLATE = "cannot reach {}: connection refused"
HOSTS = ("db-1", "db-2", "cache-7")


async def work(url: str, spool: str, name: str) -> None:
    """Log as standard input says, until its end."""
    sink = CentralSink(url, spool=spool)
    await sink.open()
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            await sink.write(burst(int(line), name))
            print(line, end="", flush=True)
        await sink.flush()
    finally:
        await sink.aclose()


def burst(count: int, name: str) -> Batch:
    """Return *count* lines of a worker: many of one kind, some of two others."""
    records = [
        Record(
            time_ns=time.time_ns(),
            level=Level.WARNING if number % 10 else Level.ERROR,
            label=f"shop.{name}" if number % 10 else "shop",
            message=TEMPLATE.format(HOSTS[number % 3]),
            template=TEMPLATE,
        )
        for number in range(count)
    ]
    return Batch(records, [record.message for record in records])


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
