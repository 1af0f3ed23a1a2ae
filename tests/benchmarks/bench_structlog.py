"""What a call of structlog with five bound attributes costs, from the call to the closed file.

Run as a script: `python tests/benchmarks/bench_structlog.py [--check]`.  asynclog behind structlog is
compared to structlog's own fastest file logger with a renderer of msgspec.  Each round runs every
peer once, one after the other; the figures are medians of the rounds, in processor time of all
threads, so that other programs on the machine count little.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from structlog.contextvars import merge_contextvars

from asynclog import BufferedLogger, Handler
from asynclog.formatters import JSONFormatter
from asynclog.integrations.structlog import (
    AsynclogRenderer,
    LoggerFactory,
    make_filtering_bound_logger,
)
from asynclog.sinks import FileSink

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
LINES = 50_000
WANTED = 0.5
"""What share of structlog's own price asynclog may cost."""
EVENT = "request handled"
BOUND: dict[str, Any] = {
    "method": "GET",
    "uri": "/api/items/17",
    "status": 200,
    "elapsed": 12.37,
    "user": "alice",
}
_ENCODER = msgspec.json.Encoder()


def _encode(event: dict[str, Any], **_: Any) -> bytes:
    return _ENCODER.encode(event)


def alone(path: Path, lines: int) -> None:
    """Log with structlog alone."""
    with path.open("wb") as file:
        log = structlog.wrap_logger(
            structlog.BytesLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(serializer=_encode),
            ],
            wrapper_class=structlog.make_filtering_bound_logger("info"),
        ).bind(**BOUND)
        for _ in range(lines):
            log.info(EVENT)


def with_asynclog(
    wrapper: type[Any], processors: list[Any] | None = None
) -> Callable[[Path, int], None]:
    """Return what logs with structlog and asynclog, by a class of bound loggers."""

    async def run(path: Path, lines: int) -> None:
        handler = Handler(FileSink(path), formatter=JSONFormatter())
        async with BufferedLogger(1000, 1.0, handlers=handler) as logger:
            log = structlog.wrap_logger(
                LoggerFactory(logger)("app"),
                processors=processors or [AsynclogRenderer()],
                wrapper_class=wrapper,
            ).bind(**BOUND)
            for number in range(lines):
                log.info(EVENT)
                if number % 1000 == 0:
                    await asyncio.sleep(0)

    return lambda path, lines: asyncio.run(run(path, lines))


PEERS: dict[str, Callable[[Path, int], None]] = {
    "structlog alone": alone,
    "asynclog": with_asynclog(make_filtering_bound_logger("info")),
    "asynclog, with contextvars": with_asynclog(
        make_filtering_bound_logger("info"), [merge_contextvars, AsynclogRenderer()]
    ),
    "asynclog, structlog's class": with_asynclog(structlog.make_filtering_bound_logger("info")),
}


def measure(lines: int) -> list[dict[str, float]]:
    """Return the processor seconds of each peer in each round."""
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.log"
        for _ in range(ROUNDS):
            taken = {}
            for name, work in PEERS.items():
                start = process_time()
                work(path, lines)
                taken[name] = process_time() - start
                if path.read_bytes().count(b"\n") != lines:
                    raise SystemExit(f"{name} lost lines")
                path.unlink()
            rounds.append(taken)
    return rounds


def main() -> int:
    """Print the figures; with --check, fail where asynclog costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help=f"fail above {WANTED}")
    parser.add_argument("--lines", type=int, default=LINES, help="of each peer and round")
    options = parser.parse_args()
    rounds = measure(options.lines)
    shares = {}
    for name in PEERS:
        each = statistics.median(one[name] for one in rounds) / options.lines * 1e6
        shares[name] = statistics.median(one[name] / one["structlog alone"] for one in rounds)
        print(f"{name:28} {each:7.3f} us a line, {shares[name]:5.2f} x structlog alone")
    return int(options.check and shares["asynclog"] > WANTED)


if __name__ == "__main__":
    sys.exit(main())
