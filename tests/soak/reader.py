"""Reads a pipe into a file, and on SIGTERM goes away without losing a byte.

`python reader.py READY < PIPE > FILE`: the file READY is made when it heeds the signal.  The process
that has started it, and writes into the pipe, is stopped while the rest is read, and goes on when
nobody reads any more.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

WRITER = os.getppid()


THREADS = Path(f"/proc/{WRITER}/task")


def is_stopped() -> bool:
    """Whether no thread of the writer runs."""
    states = (stat.read_text().rpartition(")")[2].split()[0] for stat in THREADS.glob("*/stat"))
    return set(states) == {"T"}


def end(*_: object) -> None:
    """Stop the writer, and read no longer than there is something."""
    os.kill(WRITER, signal.SIGSTOP)
    while not is_stopped():
        time.sleep(0.001)
    os.set_blocking(0, False)


signal.signal(signal.SIGTERM, end)
Path(sys.argv[1]).touch()
with suppress(BlockingIOError):
    while data := os.read(0, 1 << 16):
        os.write(1, data)
os.close(0)
os.kill(WRITER, signal.SIGCONT)
