"""A program that logs, and then ends in one of many ways.

`python -m tests.exits.program KIND WAY DIRECTORY`: what a call has accepted is noted, line by line,
in `accepted`, past all buffers; what the logger writes is in `log`.  It buffers for a minute and
ten thousand lines, so that nothing is written before the end.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations.stdlib import install
from asynclog.sinks import FileSink

LINES = 2_000
KIND, WAY, DIRECTORY = sys.argv[1], sys.argv[2], Path(sys.argv[3])

_notes = os.open(DIRECTORY / "accepted", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def make():
    """Return a logger that writes messages only."""
    handler = Handler(FileSink(DIRECTORY / "log"), formatter=PatternFormatter("{message}"))
    return BufferedLogger(10_000, 60.0, handlers=handler)


def logging_function(builder):
    """Return what logs one line, in the way that is to be tried."""
    if KIND == "stdlib":
        install(builder, level="INFO")
        return logging.getLogger("a").info
    return builder.sender_with_label("a").info


def log(info, text):
    """Log *text*, and note that it was accepted."""
    info(text)
    os.write(_notes, f"{text}\n".encode())


def log_on(info, under_way):
    """Log for ever, from a thread whose end nobody waits for; tell when some lines are logged."""
    for number in itertools.count(LINES):
        log(info, str(number))
        if number == LINES + 50:
            under_way.set()
        time.sleep(0.0001)


async def leave():
    """Do what ends the program."""
    match WAY:
        case "exception":
            raise RuntimeError("on purpose")
        case "sys.exit":
            sys.exit(3)
        case "SIGINT" | "SIGTERM" | "SIGKILL":
            os.kill(os.getpid(), getattr(signal, WAY))
            await asyncio.sleep(30)
        case "os._exit":
            os._exit(0)


async def main():
    """Log; with `closed`, close the logger, too."""
    builder = make()
    await builder.open()
    info = logging_function(builder)
    for i in range(LINES):
        log(info, str(i))
    if WAY == "daemon thread":
        under_way = threading.Event()
        threading.Thread(target=log_on, args=[info, under_way], daemon=True).start()
        await asyncio.to_thread(under_way.wait)
    if WAY == "closed":
        await builder.aclose()
    await leave()
    return builder


if WAY == "loop closed":
    loop = asyncio.new_event_loop()
    kept = loop.run_until_complete(main())
    loop.close()
else:
    kept = asyncio.run(main())
