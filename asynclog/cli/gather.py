"""`asynclog gather`: from a server of central events into a store."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from typing import TYPE_CHECKING

import click

from .. import fallback
from ..central.gatherer import Gatherer
from ..errors import ServerError, StoreUnusable
from .arguments import seconds, whole_number
from .moments import show_span

if TYPE_CHECKING:
    from ..central.tally import GathererStatistics

STOP_SECONDS = 10.0
"""After a signal: time for the delivery that is under way."""
PROGRESS_SECONDS = 0.5
REPORT_SECONDS = 60.0
"""How often the numbers are told where there is no terminal."""


@click.command()
@click.argument("source")
@click.argument("store")
@click.option("--once", is_flag=True, help="End when everything is gathered.")
@click.option("--requeue", is_flag=True, help="First, try batches again that were put aside.")
@click.option(
    "--lease",
    type=seconds,
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    help="How long others wait for a gatherer that has died.",
)
@click.option(
    "--grace",
    type=seconds,
    metavar="SECONDS",
    default=1.0,
    show_default=True,
    help="How long after its end a second is taken.",
)
@click.option(
    "--horizon",
    type=seconds,
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="More than the server can lose in a crash; 0 with appendfsync always.",
)
@click.option(
    "--owner", metavar="NAME", help="Of this gatherer, unique.  [default: host and process]"
)
@click.option(
    "--namespace",
    metavar="NAME",
    default="asynclog",
    show_default=True,
    help="As the producers have it.",
)
@click.option(
    "--shards",
    type=whole_number(1),
    metavar="N",
    default=1,
    show_default=True,
    help="As the producers have it.",
)
def gather(
    source: str,
    store: str,
    *,
    once: bool,
    requeue: bool,
    lease: float,
    grace: float,
    horizon: float,
    owner: str | None,
    namespace: str,
    shards: int,
) -> None:
    """Bring events from the server SOURCE into STORE, each once, whoever crashes.

    SOURCE is redis://host, rediss://, unix://, redis+cluster:// or redis+sentinel://; STORE is
    sqlite:///events.db or postgresql://user@host/database.  Any number of gatherers may be at
    work at once.  SIGTERM and SIGINT end the delivery that is under way, and give back the rest.

    \b
    Examples:
      asynclog gather redis://localhost sqlite:///events.db
      asynclog gather redis://localhost sqlite:///events.db --once
      asynclog gather rediss://gatherer:secret@cache postgresql://events@db/events --shards 4
    """  # noqa: D301 - click wants the backspace itself
    try:
        gatherer = Gatherer(
            source,
            store,
            lease=lease,
            grace=grace,
            horizon=horizon,
            owner=owner,
            namespace=namespace,
            shards=shards,
        )
    except (ValueError, ImportError) as error:
        raise click.UsageError(str(error)) from None
    try:
        account = asyncio.run(_run(gatherer, once=once, requeue=requeue))
    except (ServerError, StoreUnusable, ImportError) as error:
        raise click.UsageError(str(error)) from None
    click.echo(summary(account))
    sys.exit(1 if once and account.trouble else 0)


async def _run(gatherer: Gatherer, *, once: bool, requeue: bool) -> GathererStatistics:
    """Gather until the end, or until a signal."""
    async with gatherer:
        if requeue:
            click.echo(f"requeued: {await gatherer.requeue():,} batches")
        telling = asyncio.create_task(_tell(gatherer))
        try:
            async with asyncio.timeout(None) as limit:
                _on_signals(gatherer, limit)
                return await gatherer.run(once=once)
        except TimeoutError:
            return gatherer.statistics()
        finally:
            telling.cancel()


def _on_signals(gatherer: Gatherer, limit: asyncio.Timeout) -> None:
    """Have the first signal end the work; a second one acts as if nothing were handled."""
    loop = asyncio.get_running_loop()
    handled = (signal.SIGINT, signal.SIGTERM)

    def end() -> None:
        gatherer.stop()
        limit.reschedule(loop.time() + STOP_SECONDS)
        for one in handled:
            loop.remove_signal_handler(one)

    for one in handled:
        loop.add_signal_handler(one, end)


async def _tell(gatherer: Gatherer) -> None:
    """Show the numbers now and then: on one line of a terminal, or a line a minute."""
    terminal = sys.stderr.isatty()
    before, begun = gatherer.statistics().events, time.monotonic()
    try:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS if terminal else REPORT_SECONDS)
            account, now = gatherer.statistics(), time.monotonic()
            rate = (account.events - before) / (now - begun)
            before, begun = account.events, now
            line = f"{summary(account)}, {rate:,.0f} events/s, {show_span(account.behind)} behind"
            if terminal:
                click.echo(f"\r\x1b[2K{line}", nl=False, err=True)
            else:
                fallback.tell(f"gather: {line}")
    finally:
        if terminal:
            click.echo("\r\x1b[2K", nl=False, err=True)


def summary(account: GathererStatistics) -> str:
    """Return the numbers that matter, on one line; those that should be 0 only if they are not."""
    parts = [f"{account.events:,} events", f"{account.rows:,} rows", f"{account.batches:,} batches"]
    exceptions = {
        "folded": account.folded,
        "unreadable": account.dead,
        "taken over": account.taken_over,
        "leases lost": account.leases_lost,
        "damaged": account.damaged,
        "lost": account.lost,
        "failures": account.failures,
    }
    parts += [f"{number:,} {name}" for name, number in exceptions.items() if number]
    return ", ".join(parts)
