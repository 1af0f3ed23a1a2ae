"""A service with a running logger, and workers that log to the same rolling file.

`python -m tests.exits.workers WAY DIRECTORY`, where WAY is a start method of `multiprocessing`, or
`prefork` for workers as those of gunicorn: forked from a running service, each with a loop and a
logger of its own, and ended by SIGTERM while their lines are still buffered.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
from pathlib import Path

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations.stdlib import install
from asynclog.sinks import RollingFileSink

WORKERS, LINES = 3, 400


def make(directory, max_age=60.0):
    """Return a logger that rolls its file every few lines."""
    sink = RollingFileSink(directory / "log", size="4KiB", names="number")
    handler = Handler(sink, formatter=PatternFormatter("{message}"))
    return BufferedLogger(10_000, max_age, handlers=handler)


def log(who):
    """Log, by `logging`."""
    for i in range(LINES):
        logging.getLogger("work").info("%s %d", who, i)


async def open_and_log(who, directory):
    """Log by a logger of one's own, which is never closed."""
    install(await make(directory).open(), level="INFO")
    log(who)


def work(who, directory):
    """Be a worker of `multiprocessing`; a forked one logs through the parent's logger, too."""
    if multiprocessing.get_start_method() == "fork":
        log(f"{who}-inherited")
    asyncio.run(open_and_log(who, directory))


async def serve(who, directory, ready):
    """Be a worker until told to end."""
    await open_and_log(who, directory)
    os.write(ready, b".")
    await asyncio.sleep(60)


async def prefork(directory):
    """Fork workers, as a server does, and tell them to end when they have logged."""
    reader, writer = os.pipe()
    workers = []
    for number in range(WORKERS):
        if (child := os.fork()) == 0:
            asyncio.run(serve(f"w{number}", directory, writer))
            os._exit(1)
        workers.append(child)
    for _ in workers:
        os.read(reader, 1)
    for child in workers:
        os.kill(child, signal.SIGTERM)
    for child in workers:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])  # noqa: ASYNC222 - as a server that does nothing else
        assert status == -signal.SIGTERM, status


async def main(way, directory):
    """Log before, while, and after the workers do."""
    async with make(directory, 0.01) as builder:
        install(builder, level="INFO")
        log("before")
        if way == "prefork":
            await prefork(directory)
        else:
            multiprocessing.set_start_method(way)
            workers = [
                multiprocessing.Process(target=work, args=(f"w{number}", directory))
                for number in range(WORKERS)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                await asyncio.to_thread(worker.join)
                assert worker.exitcode == 0, worker.exitcode
        log("after")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
