"""What rolling, TCP and syslog cost: against `FileSink`, and against stdlib in the same run.

Run as a script: `python tests/benchmarks/bench_sinks.py [--check]`.  Each round runs every peer once,
one after the other, so that a machine that slows down slows all of them down; the figures are the
medians of the rounds' ratios.  What arrives is counted by a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.handlers
import multiprocessing
import socket
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.sinks import FileSink, RollingFileSink, SyslogSink, TCPSink
from asynclog.sinks.sendmmsg import MAX_MESSAGES, ManySender

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from asynclog.protocols import Sink

ROUNDS = 7
LINES = 100_000
"""Lines of each peer and round."""
LONG_LINES, LENGTH = 200_000, 1_100
"""Lines, and characters of each, where files of 100 MB are rolled."""
WANTED = {"TCP": 8.0, "syslog": 8.0}
"""How many times faster than stdlib asynclog is to be, until all lines have arrived.

A datagram costs sender and receiver a good microsecond of the kernel's time each, and mostly a
switch between them; `raw` measures how far that alone lets anybody go.
"""
MAX_ROLLING = 1.10
"""What rolling may cost, as a multiple of writing one file."""
PATTERN = "{timestamp} {severity} [{label}]: {message}"
STDLIB_FORMAT = "%(asctime)s %(levelname)s [%(name)s]: %(message)s"
LAST = b"last line"
"""What the last line of a peer ends with."""


class TextSocketHandler(logging.handlers.SocketHandler):
    """Sends lines in place of pickles, as the documentation of `makePickle` has it."""

    def makePickle(self, record: logging.LogRecord) -> bytes:  # noqa: N802 - the name is given
        """Return the line."""
        return f"{self.format(record)}\n".encode()


def count_stream(listener: socket.socket, results: Connection) -> None:
    """Count the lines of each connection, and tell when the last one has come."""
    while True:
        peer, _ = listener.accept()
        count, rest = 0, b""
        while data := peer.recv(1 << 18):
            count += data.count(b"\n")
            rest = rest[-20:] + data[-20:]
            if rest.endswith(LAST + b"\n"):
                results.send(count)
        peer.close()


def count_datagrams(receiver: socket.socket, results: Connection) -> None:
    """Count datagrams, and tell when the last one has come."""
    count = 0
    buffer = bytearray(1 << 16)
    while True:
        size = receiver.recv_into(buffer)
        count += 1
        if buffer[:size].rstrip(b"\0").endswith(LAST):
            results.send(count)
            count = 0


class Receiver:
    """A process that counts what arrives.

    Args:
        count: what it runs.
        one: the socket that it is given.
    """

    def __init__(self, count: Callable[[socket.socket, Connection], None], one: socket.socket):
        self.results, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=count, args=(one, theirs), daemon=True
        )
        self._process.start()

    def check(self) -> None:
        """Wait for the last line, and see that all have come."""
        count = self.results.recv()
        if count != LINES:
            raise AssertionError(f"{count} lines of {LINES}")

    def close(self) -> None:
        """End the process."""
        self._process.terminate()


def with_stdlib(handler: logging.Handler) -> None:
    """Log all lines with `logging`."""
    handler.setFormatter(logging.Formatter(STDLIB_FORMAT))
    logger = logging.getLogger("ct/100")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)

    async def log() -> None:
        for i in range(LINES - 1):
            logger.info(f"request {i} served in {i % 97} ms")  # noqa: G004 - as its peer does
        logger.info(LAST.decode())

    asyncio.run(log())
    handler.close()


def with_asynclog(sink: Sink) -> None:
    """Log all lines with asynclog."""

    async def log() -> None:
        handler = Handler(sink, formatter=PatternFormatter(PATTERN))
        async with BufferedLogger(1000, 5.0, handlers=handler, close_timeout=60) as logger:
            sender = logger.sender_with_label("ct/100")
            for i in range(LINES - 1):
                await sender.info(f"request {i} served in {i % 97} ms")
            await sender.info(LAST.decode())

    asyncio.run(log())


def with_long_lines(sink: Sink) -> None:
    """Log long lines with asynclog."""
    text = "x" * LENGTH

    async def log() -> None:
        handler = Handler(sink, formatter=PatternFormatter(PATTERN))
        async with BufferedLogger(1000, 5.0, handlers=handler, close_timeout=60) as logger:
            sender = logger.sender_with_label("ct/100")
            for i in range(LONG_LINES):
                await sender.info(f"{i} {text}")

    asyncio.run(log())


def seconds(work: Callable[[], object]) -> float:
    """Return how long *work* takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def rolling() -> float:
    """Return what rolling costs, as a multiple of writing one file."""
    ratios = []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory:
            one, many = Path(directory, "one.log"), Path(directory, "many.log")
            peers = [
                lambda path=one: with_long_lines(FileSink(path)),
                lambda path=many: with_long_lines(RollingFileSink(path, size="100MB")),
            ]
            first = number % 2  # whoever comes second finds the disk busy with the other's lines
            found = {first: seconds(peers[first]), 1 - first: seconds(peers[1 - first])}
            if len(list(Path(directory).glob("many.*"))) < 3:
                raise AssertionError("nothing was rolled")
            ratios.append(found[1] / found[0])
    return statistics.median(ratios)


def tcp() -> float:
    """Return how many times faster than SocketHandler lines arrive over TCP."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    receiver = Receiver(count_stream, listener)

    def theirs() -> None:
        with_stdlib(TextSocketHandler("127.0.0.1", port))
        receiver.check()

    def ours() -> None:
        with_asynclog(TCPSink("127.0.0.1", port))
        receiver.check()

    ratio = statistics.median(seconds(theirs) / seconds(ours) for _ in range(ROUNDS))
    receiver.close()
    return ratio


def syslog() -> float:
    """Return how many times faster than SysLogHandler datagrams arrive on a unix socket."""
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "log")
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.bind(path)
        receiver = Receiver(count_datagrams, one)

        def theirs() -> None:
            with_stdlib(logging.handlers.SysLogHandler(path))
            receiver.check()

        def ours() -> None:
            with_asynclog(SyslogSink(path))
            receiver.check()

        ratio = statistics.median(seconds(theirs) / seconds(ours) for _ in range(ROUNDS))
        receiver.close()
    return ratio


def raw() -> float:
    """Return how many times faster than SysLogHandler datagrams arrive that nobody has to make."""
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "log")
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.bind(path)
        receiver = Receiver(count_datagrams, one)
        datagrams = [b"<14>Mar  6 09:15:44 app[4013]: " + b"x" * 80] * (LINES - 1) + [LAST]

        def ours() -> None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.connect(path)
                many, sent = ManySender(sender), 0
                while sent < LINES:
                    sent += many.send(datagrams[sent : sent + MAX_MESSAGES])
            receiver.check()

        def theirs() -> None:
            with_stdlib(logging.handlers.SysLogHandler(path))
            receiver.check()

        ratio = statistics.median(seconds(theirs) / seconds(ours) for _ in range(ROUNDS))
        receiver.close()
    return ratio


def main() -> int:
    """Print the figures; with --check, fail where a wanted one is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail below what is wanted")
    check = parser.parse_args().check
    faster = {"TCP": tcp(), "syslog": syslog()}
    cost = rolling()
    for name, ratio in faster.items():
        print(f"{name}: {ratio:.1f} times stdlib's lines a second")
    print(f"datagrams made beforehand: {raw():.1f} times stdlib's lines a second")
    print(f"rolling: {cost:.2f} times FileSink's time")
    missed = cost > MAX_ROLLING or any(faster[name] < wanted for name, wanted in WANTED.items())
    return int(check and missed)


if __name__ == "__main__":
    sys.exit(main())
