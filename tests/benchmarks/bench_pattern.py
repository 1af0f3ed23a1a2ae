"""What a line costs by pattern, against `logging.Formatter` in the same run.

Run as a script: `python tests/benchmarks/bench_pattern.py [--check]`.  Each round times both, one
after the other, so that a machine that slows down slows both down; the figure is the median of the
rounds' ratios.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from asynclog.formatters import PatternFormatter
from asynclog.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 256
"""Lines formatted at once."""
REPEATS = 5
"""Batches timed in one round: few, so that both sides of a round meet the same machine."""
ROUNDS = 151
LIMIT = 0.12
"""The ratio that a line may cost at most."""

PATTERN = "{timestamp} {severity} [{label}]: {message}"
STDLIB = "%(asctime)s %(levelname)s [%(name)s]: %(message)s"
LEVELS = (20, 20, 20, 30, 10)
START_NS = 1_646_558_144_681_220_123
STEP_NS = 12_345
"""Between two lines: 80,000 lines a second."""


def records() -> list[Record]:
    """Return a batch as one flush of one label hands it over."""
    return [
        Record(
            time_ns=START_NS + number * STEP_NS,
            level=LEVELS[number % len(LEVELS)],
            label="ct/100",
            message=f"GET /api/items/{number} -> 200 in {number * 3} ms",
        )
        for number in range(BATCH)
    ]


def stdlib_records() -> list[logging.LogRecord]:
    """Return the same lines as the standard library keeps them."""
    return [
        logging.makeLogRecord(
            {
                "name": record.label,
                "levelno": record.level,
                "levelname": logging.getLevelName(record.level),
                "msg": record.message,
                "created": record.time_ns / 1e9,
                "msecs": record.time_ns // 1_000_000 % 1000,
            }
        )
        for record in records()
    ]


def seconds(work: Callable[[], object]) -> float:
    """Return the time that a line takes."""
    start = perf_counter()
    for _ in range(REPEATS):
        work()
    return (perf_counter() - start) / REPEATS / BATCH


def measure() -> tuple[float, float, float]:
    """Return the medians: seconds a line of asynclog, of stdlib, and their ratio."""
    own, peer = PatternFormatter(PATTERN), logging.Formatter(STDLIB)
    own_batch, peer_batch = records(), stdlib_records()
    rounds = [
        (
            seconds(lambda: own.format_batch(own_batch)),
            seconds(lambda: [peer.format(record) for record in peer_batch]),
        )
        for _ in range(ROUNDS)
    ]
    ratio = statistics.median(mine / theirs for mine, theirs in rounds)
    mine, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    return mine, theirs, ratio


def main() -> int:
    """Print the figures; with --check, fail where the limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help=f"fail above {LIMIT}")
    check = parser.parse_args().check
    mine, theirs, ratio = measure()
    print(f"pattern {mine * 1e6:.3f} us, stdlib {theirs * 1e6:.3f} us a line: {ratio:.3f}")
    return int(check and ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
