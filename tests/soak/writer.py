"""A process that writes to a rolling file until it is killed, and says what it was promised.

    python -m tests.soak.writer NAME FILE COMPRESSION NAMES

After each flush it prints how many of its lines are written for good.
"""

from __future__ import annotations

import asyncio
import sys

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.sinks import RollingFileSink

PAD = "y" * 60
SIZE = 20_000
"""Bytes of a file: some hundred lines."""


async def write(name: str, path: str, compression: str, names: str) -> None:
    """Write for ever."""
    sink = RollingFileSink(path, size=SIZE, compression=compression, names=names)
    handler = Handler(sink, formatter=PatternFormatter("{message}"))
    async with BufferedLogger(50, 0.01, handlers=handler) as logger:
        sender = logger.sender_with_label(name)
        count = 0
        while True:
            for _ in range(40):
                await sender.info(f"{name} {count:06} {PAD}")
                count += 1
            await logger.flush()
            print(count, flush=True)


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:]))
