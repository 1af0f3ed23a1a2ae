"""What a line costs from the call to the file, against stdlib logging in the same run.

Run as a script: `python tests/benchmarks/bench_core.py [--check]`.  Each round runs every peer once,
one after the other, so that a machine that slows down slows all of them down; the figures are the
medians of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.sinks import FileSink, NullSink

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
LINES = 200_000
"""Lines of each peer and round, from the call to the file."""
CALLS = 20_000
"""Calls timed at once where nothing is written."""
WANTED = {"lines a second": 8.0, "CPU": 8.0}
"""How many times better than stdlib asynclog is to be, from the call to the file."""
PATTERN = "{timestamp} {severity} [{label}]: {message}"
STDLIB_FORMAT = "%(asctime)s %(levelname)s [%(name)s]: %(message)s"


class Cost(NamedTuple):
    """Seconds a line."""

    wall: float
    cpu: float
    """Of the whole process, all threads."""


def _cost(work: Callable[[], object], lines: int) -> Cost:
    wall, cpu = perf_counter(), process_time()
    work()
    return Cost((perf_counter() - wall) / lines, (process_time() - cpu) / lines)


def _check_lines(path: Path) -> None:
    with path.open("rb") as file:
        count = sum(1 for _ in file)
    if count != LINES:
        raise AssertionError(f"{path.name}: {count} lines of {LINES}")
    path.unlink()


def stdlib_to_file(path: Path) -> None:
    """Log all lines with `logging` and a FileHandler."""
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter(STDLIB_FORMAT))
    logger = logging.getLogger("ct/100")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)

    async def log() -> None:
        for i in range(LINES):
            logger.info(f"request {i} served in {i % 97} ms")  # noqa: G004 - as its peer does

    asyncio.run(log())
    handler.close()


def asynclog_to_file(path: Path) -> None:
    """Log all lines with asynclog and a FileSink."""

    async def log() -> None:
        handler = Handler(FileSink(path), formatter=PatternFormatter(PATTERN))
        async with BufferedLogger(1000, 5.0, handlers=handler) as logger:
            sender = logger.sender_with_label("ct/100")
            for i in range(LINES):
                await sender.info(f"request {i} served in {i % 97} ms")

    asyncio.run(log())


def to_file() -> list[tuple[str, float]]:
    """Return how many times faster, and cheaper, asynclog brings lines to a file."""
    rounds = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "out.log"
        for _ in range(ROUNDS):
            theirs = _cost(lambda: stdlib_to_file(path), LINES)
            _check_lines(path)
            ours = _cost(lambda: asynclog_to_file(path), LINES)
            _check_lines(path)
            rounds.append((theirs, ours))
    print(
        f"stdlib {_micro(t.wall for t, _ in rounds)}, asynclog {_micro(o.wall for _, o in rounds)}"
    )
    return [
        ("lines a second", statistics.median(t.wall / o.wall for t, o in rounds)),
        ("CPU", statistics.median(t.cpu / o.cpu for t, o in rounds)),
    ]


async def _calls() -> dict[str, list[float]]:
    """Return the seconds of one call of each kind, by round."""
    logger = BufferedLogger(10 * CALLS, 5.0, handlers=Handler(NullSink()), level="INFO")
    peer = logging.getLogger("ct/100")
    peer.setLevel(logging.INFO)
    found: dict[str, list[float]] = {
        name: [] for name in ("log", "put", "line put", "off", "stdlib off")
    }
    async with logger:
        sender = logger.sender_with_label("ct/100")
        for _ in range(10 * ROUNDS):
            queue: asyncio.Queue[object] = asyncio.Queue()
            start = perf_counter()
            for _ in range(CALLS // 10):
                await sender.log(20, "request served")
            found["log"].append(perf_counter() - start)
            start = perf_counter()
            for _ in range(CALLS // 10):
                await queue.put("request served")
            found["put"].append(perf_counter() - start)
            start = perf_counter()
            for _ in range(CALLS // 10):
                await sender.debug("request served")
            found["off"].append(perf_counter() - start)
            start = perf_counter()
            for _ in range(CALLS // 10):
                peer.debug("request served")
            found["stdlib off"].append(perf_counter() - start)
            del queue
            found["line put"].append(await _put_to_a_consumer())
            await logger.flush()
    return found


async def _put_to_a_consumer() -> float:
    """Return the seconds that putting lines takes while a task takes them, one by one."""
    queue: asyncio.Queue[object] = asyncio.Queue()

    async def take() -> None:
        while await queue.get() is not None:
            pass

    taker = asyncio.create_task(take())
    await asyncio.sleep(0)
    spent = 0.0
    for _ in range(CALLS // 10):
        start = perf_counter()
        await queue.put("request served")
        spent += perf_counter() - start
        await asyncio.sleep(0)
    await queue.put(None)
    await taker
    return spent


def calls() -> list[tuple[str, float]]:
    """Return what a call costs, as multiples of its peers."""
    found = asyncio.run(_calls())
    pairs = [
        ("log() / Queue.put, nobody waiting", "log", "put"),
        ("log() / Queue.put to a waiting task", "log", "line put"),
        ("disabled level / stdlib's", "off", "stdlib off"),
    ]
    return [
        (name, statistics.median(o / t for o, t in zip(found[ours], found[theirs], strict=True)))
        for name, ours, theirs in pairs
    ]


def imports() -> list[tuple[str, float]]:
    """Return what importing asynclog costs in a new interpreter, as a multiple of its parts."""
    found: dict[str, list[float]] = {"asynclog": [], "logging": [], "msgspec": [], "asyncio": []}
    for _ in range(ROUNDS):
        for name, seconds in found.items():
            seconds.append(_import_seconds(name))
        found["asynclog"][-1] = _import_seconds("asynclog", after="asyncio")
    parts = [2 * a + b for a, b in zip(found["logging"], found["msgspec"], strict=True)]
    ratio = statistics.median(o / p for o, p in zip(found["asynclog"], parts, strict=True))
    return [("import after asyncio / (2 x logging + msgspec)", ratio)]


def _import_seconds(module: str, after: str = "sys") -> float:
    code = (
        f"import {after}, time; start = time.perf_counter(); import {module};"
        " print(time.perf_counter() - start)"
    )
    # What is installed is compiled but once, whatever this shell has set.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return float(done.stdout)


def _micro(seconds: object) -> str:
    return f"{statistics.median(seconds) * 1e6:.2f} us"  # type: ignore[call-overload]


def main() -> int:
    """Print the figures; with --check, fail where a wanted one is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail below what is wanted")
    check = parser.parse_args().check
    found = [*to_file(), *calls(), *imports()]
    for name, ratio in found:
        print(f"{name}: {ratio:.2f}")
    return int(check and any(dict(found)[name] < wanted for name, wanted in WANTED.items()))


if __name__ == "__main__":
    sys.exit(main())
