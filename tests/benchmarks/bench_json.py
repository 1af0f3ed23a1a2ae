"""What a JSON line with five attributes costs, against stdlib and structlog in the same run.

Run as a script: `python tests/benchmarks/bench_json.py [--check]`; needs `python-json-logger` and
`structlog` beside asynclog.  Each round runs every peer once, one after the other, so that a machine
that slows down slows all of them down; the figures are the medians of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from pythonjsonlogger.json import JsonFormatter

from asynclog import BufferedLogger, Handler
from asynclog.formatters import JSONFormatter
from asynclog.records import Record
from asynclog.sinks import FileSink

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
BATCH = 256
"""Lines formatted at once."""
FORMATTED = 20_480
"""Lines of each peer and round where formatters are compared."""
LINES = 200_000
"""Lines of each peer and round from the call to the file."""
MESSAGE = "request handled"
STDLIB_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
WANTED = {"stdlib": 15.0, "structlog": 4.0}
"""How many times faster asynclog is to be, from the call to the file."""


def attributes(number: int) -> dict[str, Any]:
    """Return the attributes of line *number*."""
    return {
        "method": "GET",
        "uri": f"/api/items/{number}",
        "status": 200,
        "elapsed": number * 0.37,
        "user": "alice",
    }


ATTRIBUTES = [attributes(number) for number in range(1000)]


class Formatters:
    """Each peer's formatter alone, over the same lines."""

    def __init__(self) -> None:
        self._own = JSONFormatter()
        self._records = [
            Record(
                time_ns=1_646_558_144_681_220_123 + i * 12_345,
                level=20,
                label="ct/100",
                message=MESSAGE,
                attributes=ATTRIBUTES[i],
            )
            for i in range(BATCH)
        ]
        self._stdlib = JsonFormatter(STDLIB_FORMAT)
        self._stdlib_records = [
            logging.LogRecord("ct/100", 20, __file__, 1, MESSAGE, (), None) for _ in range(BATCH)
        ]
        for record, extra in zip(self._stdlib_records, ATTRIBUTES, strict=False):
            record.__dict__.update(extra)
        self._chain = structlog_processors()

    def asynclog(self) -> None:
        """Format one batch with asynclog."""
        self._own.format_batch(self._records)

    def stdlib(self) -> None:
        """Format one batch with python-json-logger."""
        for record in self._stdlib_records:
            self._stdlib.format(record)

    def structlog(self) -> None:
        """Format one batch with structlog's processors."""
        for extra in ATTRIBUTES[:BATCH]:
            event: Any = {"event": MESSAGE, "logger": "ct/100", **extra}
            for process in self._chain:
                event = process(None, "info", event)


def structlog_processors() -> list[Any]:
    """Return structlog's processors for the same line, rendered by msgspec."""
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(serializer=_encode),
    ]


_ENCODER = msgspec.json.Encoder()


def _encode(event: dict[str, Any], **_: Any) -> bytes:
    return _ENCODER.encode(event)


async def _run_asynclog(path: Path, lines: int) -> None:
    handler = Handler(FileSink(path), formatter=JSONFormatter())
    async with BufferedLogger(100, 1.0, handlers=[handler]) as builder:
        sender = builder.sender_with_label("ct/100")
        for number in range(lines):
            await sender.info(MESSAGE, **ATTRIBUTES[number % 1000])


def asynclog_to_file(path: Path, lines: int) -> None:
    """Send *lines* lines through asynclog."""
    asyncio.run(_run_asynclog(path, lines))


async def _run_stdlib(path: Path, lines: int) -> None:
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonFormatter(STDLIB_FORMAT))
    logger = logging.Logger("ct/100", logging.INFO)  # noqa: LOG001 - of this run only
    logger.addHandler(handler)
    for number in range(lines):
        logger.info(MESSAGE, extra=ATTRIBUTES[number % 1000])
    handler.close()


def stdlib_to_file(path: Path, lines: int) -> None:
    """Send *lines* lines through stdlib."""
    asyncio.run(_run_stdlib(path, lines))


async def _run_structlog(path: Path, lines: int) -> None:
    with path.open("wb") as file:
        logger = structlog.wrap_logger(
            structlog.BytesLogger(file),
            processors=structlog_processors(),
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        ).bind(logger="ct/100")
        for number in range(lines):
            logger.info(MESSAGE, **ATTRIBUTES[number % 1000])


def structlog_to_file(path: Path, lines: int) -> None:
    """Send *lines* lines through structlog."""
    asyncio.run(_run_structlog(path, lines))


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return how long *times* runs of *work* take."""
    start = perf_counter()
    for _ in range(times):
        work()
    return perf_counter() - start


def report(title: str, rounds: list[dict[str, float]], lines: int) -> dict[str, float]:
    """Print the medians of *rounds*, and return how many times faster asynclog was."""
    print(title)
    ratios = {}
    for peer in rounds[0]:
        each = statistics.median(one[peer] for one in rounds) / lines * 1e6
        ratios[peer] = statistics.median(one[peer] / one["asynclog"] for one in rounds)
        print(f"  {peer:10} {each:8.3f} us a line, {ratios[peer]:6.2f} x asynclog")
    return ratios


def measure_formatters() -> dict[str, float]:
    """Compare formatters over batches in memory."""
    peers = Formatters()
    works = {name: getattr(peers, name) for name in ("asynclog", "stdlib", "structlog")}
    rounds = [
        {name: seconds(work, FORMATTED // BATCH) for name, work in works.items()}
        for _ in range(ROUNDS)
    ]
    return report("formatter alone", rounds, FORMATTED)


def measure_files(lines: int) -> dict[str, float]:
    """Compare all that lies between a call and a closed file."""
    peers = {
        "asynclog": asynclog_to_file,
        "stdlib": stdlib_to_file,
        "structlog": structlog_to_file,
    }
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            taken = {}
            for name, work in peers.items():
                path = Path(folder) / f"{name}-{number}.log"
                taken[name] = seconds(lambda work=work, path=path: work(path, lines))  # type: ignore[misc]
                if path.read_bytes().count(b"\n") != lines:
                    raise SystemExit(f"{name} lost lines")
                path.unlink()
            rounds.append(taken)
    return report("from the call to the file", rounds, lines)


def main() -> int:
    """Print the figures; with --check, fail where asynclog is not as much faster as wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help=f"fail below {WANTED}")
    parser.add_argument("--lines", type=int, default=LINES, help="of each peer and round")
    options = parser.parse_args()
    measure_formatters()
    ratios = measure_files(options.lines)
    return int(options.check and any(ratios[name] < wanted for name, wanted in WANTED.items()))


if __name__ == "__main__":
    sys.exit(main())
