"""How long a busy logger holds up the event loop, against stdlib's queue in the same run.

Run as a script: `python tests/benchmarks/bench_lag.py [--check]`.  A task asks to be woken every
millisecond and notes how late it is, while another logs 60,000 lines a second to a file: with
asynclog, and with `QueueHandler`, `QueueListener` and `FileHandler`.  A third run logs nothing: what
the machine itself adds.  Each round runs all three, one after the other; the figures are medians.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.handlers
import queue
import selectors
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.sinks import FileSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

ROUNDS = 7
SECONDS = 3.0
"""Of load, for each peer and round."""
LINES_A_SECOND = 60_000
BURST = 60
"""Lines logged at once: a millisecond's worth."""
TICK = 0.001
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
TAIL = list(QUANTILES).index("p99.9")
WANTED = 5.0
"""How many times lower than stdlib's the p99.9 is to be."""
PATTERN = "{timestamp} {severity} [{label}]: {message}"
STDLIB_FORMAT = "%(asctime)s %(levelname)s [%(name)s]: %(message)s"


class Run(NamedTuple):
    """What one peer did in one round."""

    lines: int
    lags: list[float]
    """How many seconds late the loop was, tick by tick."""


def _run(main: Coroutine[Any, Any, Run]) -> Run:
    """Run *main* on a loop whose timers are exact: epoll rounds them up to whole milliseconds."""

    def loop_factory() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(selectors.SelectSelector())

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main)


async def _tick(lags: list[float]) -> None:
    """Note, every millisecond, by how many seconds the loop is late."""
    while True:
        due = perf_counter() + TICK
        await asyncio.sleep(TICK)
        lags.append(perf_counter() - due)


async def _load(burst: Callable[[int], Awaitable[None]]) -> Run:
    """Log at the wanted rate, or as near as the peer gets; others have a turn after each burst."""
    lags: list[float] = []
    ticker = asyncio.create_task(_tick(lags))
    start, logged = perf_counter(), 0
    while (elapsed := perf_counter() - start) < SECONDS:
        await asyncio.sleep(max(0, logged / LINES_A_SECOND - elapsed))
        await burst(logged)
        logged += BURST
    ticker.cancel()
    return Run(logged, lags)


def asynclog_lags(path: Path) -> Run:
    """Return the run with asynclog and a FileSink."""

    async def run() -> Run:
        handler = Handler(FileSink(path), formatter=PatternFormatter(PATTERN))
        async with BufferedLogger(1000, 0.1, handlers=handler) as logger:
            sender = logger.sender_with_label("ct/100")

            async def burst(first: int) -> None:
                for i in range(first, first + BURST):
                    await sender.info(f"request {i} served in {i % 97} ms")

            return await _load(burst)

    return _run(run())


def stdlib_lags(path: Path) -> Run:
    """Return the run with a QueueHandler, and a QueueListener that writes to a file."""
    file = logging.FileHandler(path)
    file.setFormatter(logging.Formatter(STDLIB_FORMAT))
    lines: queue.SimpleQueue[object] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(lines, file)  # type: ignore[arg-type]
    logger = logging.getLogger("ct/100")
    logger.handlers, logger.propagate = [logging.handlers.QueueHandler(lines)], False  # type: ignore[arg-type]
    logger.setLevel(logging.INFO)

    async def burst(first: int) -> None:
        for i in range(first, first + BURST):
            logger.info(f"request {i} served in {i % 97} ms")  # noqa: G004 - as its peer does

    listener.start()
    try:
        return _run(_load(burst))
    finally:
        listener.stop()
        file.close()


def idle_lags(_path: Path) -> Run:
    """Return the run while nothing is logged."""

    async def burst(_first: int) -> None:
        pass

    return _run(_load(burst))


PEERS = {"asynclog": asynclog_lags, "stdlib": stdlib_lags, "nothing": idle_lags}


def figures(run: Run) -> list[float]:
    """Return the lags, in milliseconds, at each of `QUANTILES`, and the lines a second."""
    ordered = sorted(run.lags)
    lags = [1e3 * ordered[int(share * len(ordered))] for share in QUANTILES.values()]
    return [*lags, run.lines / SECONDS]


def _check_lines(path: Path, logged: int) -> None:
    with path.open("rb") as file:
        count = sum(1 for _ in file)
    if count != logged:
        raise AssertionError(f"{path.name}: {count} lines of {logged}")


def measure(rounds: int) -> dict[str, list[list[float]]]:
    """Return the figures of each peer, by round."""
    found: dict[str, list[list[float]]] = {name: [] for name in PEERS}
    with tempfile.TemporaryDirectory() as directory:
        for number in range(rounds):
            for name, peer in PEERS.items():
                path = Path(directory) / f"{name}-{number}.log"
                run = peer(path)
                if path.exists():
                    _check_lines(path, run.lines)
                found[name].append(figures(run))
    return found


def main() -> int:
    """Print the figures; with --check, fail where the wanted one is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail below what is wanted")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    found = measure(options.rounds)
    for name, rounds in found.items():
        *lags, rate = (statistics.median(column) for column in zip(*rounds, strict=True))
        shown = [f"{q} {lag:.2f} ms" for q, lag in zip(QUANTILES, lags, strict=True)]
        print(f"{name}: {', '.join(shown)} at {rate:,.0f} lines a second")
    pairs = zip(found["asynclog"], found["stdlib"], strict=True)
    ratio = statistics.median(theirs[TAIL] / ours[TAIL] for ours, theirs in pairs)
    print(f"stdlib's p99.9 / asynclog's: {ratio:.1f}")
    return int(options.check and ratio < WANTED)


if __name__ == "__main__":
    sys.exit(main())
