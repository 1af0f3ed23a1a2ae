"""`asynclog events`: what a store of events holds."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from contextlib import contextmanager
from functools import update_wrapper
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..central.reader import EventReader, Wanted
from ..central.retention import Gone, prune, roll_up
from ..errors import StoreError
from ..levels import parse_level
from .arguments import whole_number
from .listing import as_json, event_as_json, show_event, show_group, show_groups, show_lost
from .mistakes import NotFound
from .moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from ..central.event import Event
    from ..central.reader import Group, Listing, Lost

T = TypeVar("T")
POLL_SECONDS = 1.0
"""How often `tail --follow` looks for new events."""
LATE_SECONDS = 30
"""How long after their second events are still looked for, while following."""
MAX_FOLLOWED = 10_000
"""Rows of these seconds that are looked at, in each shard."""


def moment(value: str | int) -> int:
    """Return the second that *value* means; a type of options."""
    try:
        return value if isinstance(value, int) else parse_moment(value, time.time())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def level(value: str | int) -> int:
    """Return the level that *value* names; a type of options."""
    try:
        return parse_level(value)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("level: ")) from None


_FILTERS = (
    click.option(
        "--since", type=moment, metavar="TIME", help="At TIME (UTC) or later: 2h, 7d, 2026-03-06."
    ),
    click.option("--level", type=level, metavar="LEVEL", help="Of LEVEL or above."),
    click.option("--label", metavar="GLOB", help="With a label that matches GLOB."),
    click.option("--grep", metavar="TEXT", help="With TEXT in the message, in any case."),
)
_AS_JSON = click.option("--json", is_flag=True, help="Print JSON, an object a line.")


def _filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options by which events are chosen, together as `wanted`."""

    def run(
        *, since: int | None, level: int | None, label: str | None, grep: str | None, **rest: Any
    ) -> None:
        since_ns = None if since is None else since * 1_000_000_000
        command(wanted=Wanted(since_ns, level, label, grep), **rest)

    wrapped: Callable[..., None] = update_wrapper(run, command)
    for option in reversed(_FILTERS):
        wrapped = option(wrapped)
    return wrapped


class _Listing(click.Group):
    """A group of commands that lists where none of them is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` behind the store if no command stands there."""
        if args and not args[0].startswith("-") and (not args[1:] or args[1].startswith("-")):
            args = [args[0], "list", *args[1:]]
        return super().parse_args(ctx, args)


@click.group(cls=_Listing)
@click.argument("store")
@click.pass_context
def events(context: click.Context, store: str) -> None:
    """Show what STORE holds: groups of events, with their counts in time.

    STORE is sqlite:///events.db (four slashes: from the root) or postgresql://user@host/database.
    Without a command, groups are listed.  Times are in UTC.

    \b
    Examples:
      asynclog events sqlite:///events.db
      asynclog events sqlite:///events.db --since 2h --level error --by count
      asynclog events sqlite:///events.db show 1-4f2a
      asynclog events sqlite:///events.db tail --follow --label 'shop.*'
      asynclog events sqlite:///events.db prune --older-than 90d --roll-up 7d
    """  # noqa: D301 - click wants the backspace itself
    try:
        context.obj = EventReader(store)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("store: "), param_hint="STORE") from None
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@events.command(name="list")
@_filtered
@_AS_JSON
@click.option(
    "--by",
    type=click.Choice(["time", "count"]),
    default="time",
    show_default=True,
    help="Order: last seen first, or most often first.",
)
@click.option(
    "--limit",
    type=whole_number(1),
    metavar="N",
    default=20,
    show_default=True,
    help="Groups at most.",
)
@click.pass_obj
def list_(reader: EventReader, *, wanted: Wanted, json: bool, by: str, limit: int) -> None:
    """List groups, one a line, with their counts in time.

    \b
    Examples:
      asynclog events sqlite:///events.db list --grep timeout
    """  # noqa: D301 - click wants the backspace itself

    async def read() -> tuple[Listing, Lost]:
        async with reader:
            listing = await reader.groups(wanted, by_count=by == "count", limit=limit)
            return listing, await reader.lost()

    listing, lost = _run(read())
    if not listing.groups:
        raise NotFound(f"no events in {reader.store.place}")
    if json:
        for group in listing.groups:
            click.echo(as_json(group, listing.span))
        return
    click.echo(show_groups(listing, _width()))
    for line in show_lost(lost):
        click.echo(line, err=True)


@events.command()
@click.argument("group")
@click.option(
    "--samples",
    type=whole_number(0),
    metavar="N",
    default=3,
    show_default=True,
    help="Events to show besides the first.",
)
@_AS_JSON
@click.pass_obj
def show(reader: EventReader, *, group: str, samples: int, json: bool) -> None:
    """Show one GROUP: its counts, some of its events, and their tracebacks.

    GROUP is the beginning of a fingerprint, as the list shows it.

    \b
    Examples:
      asynclog events sqlite:///events.db show 1-4f2a
    """  # noqa: D301 - click wants the backspace itself

    async def read() -> tuple[list[Group], list[Event]]:
        async with reader:
            found = await reader.find(group)
            return found, await reader.samples(found[0].group, samples) if len(found) == 1 else []

    found, shown = _run(read())
    if not found:
        raise NotFound(f"no group that begins with {group!r} in {reader.store.place}")
    if len(found) > 1:
        names = ", ".join(one.group for one in found)
        raise click.UsageError(f"expected the beginning of one group, got {group!r}: {names}")
    if json:
        for event in shown:
            click.echo(event_as_json(event))
        return
    click.echo(show_group(found[0]))
    for event in shown:
        click.echo("\n" + show_event(event, whole=True))


@events.command()
@_filtered
@_AS_JSON
@click.option(
    "--lines",
    "-n",
    type=whole_number(1),
    metavar="N",
    default=20,
    show_default=True,
    help="Events at most, to begin with.",
)
@click.option("--follow", "-f", is_flag=True, help="Go on with those that come, until interrupted.")
@click.pass_obj
def tail(reader: EventReader, *, wanted: Wanted, json: bool, lines: int, follow: bool) -> None:
    """Show the latest events, in order of time; each with how often it came in its second.

    \b
    Examples:
      asynclog events sqlite:///events.db tail
      asynclog events sqlite:///events.db tail -f --level error
    """  # noqa: D301 - click wants the backspace itself
    printed = _run(_tail(reader, wanted, lines, follow, event_as_json if json else show_event))
    if not printed:
        raise NotFound(f"no events in {reader.store.place}")


async def _tail(
    reader: EventReader, wanted: Wanted, lines: int, follow: bool, show: Callable[[Event], str]
) -> int:
    """Print the latest events; with *follow*, go on.  Return how many were printed."""
    async with reader:
        found = await reader.latest(wanted, limit=lines)
        seen = await _recent(reader, wanted) if follow else {}
        for _, event in found:
            click.echo(show(event))
        while follow:
            await asyncio.sleep(POLL_SECONDS)
            recent = await _recent(reader, wanted)
            for name in (one for one in recent if one not in seen):
                click.echo(show(recent[name]))
            seen = recent
    return len(found)


async def _recent(reader: EventReader, wanted: Wanted) -> dict[str, Event]:
    """Return the events of the last seconds by the names of their rows."""
    since = int(time.time()) - LATE_SECONDS
    return dict(await reader.latest(wanted, since=since, limit=MAX_FOLLOWED))


@events.command(name="prune")
@click.option(
    "--older-than",
    type=moment,
    metavar="TIME",
    help="Remove events, and groups not seen since TIME: 90d, 2026-03-06.",
)
@click.option(
    "--roll-up",
    "rolled",
    type=moment,
    metavar="TIME",
    help="Keep counts by the minute, and some events of each group, before TIME.",
)
@click.pass_obj
def prune_(reader: EventReader, *, older_than: int | None, rolled: int | None) -> None:
    """Make a store smaller: remove what is old, and roll seconds up to minutes.

    It may be done while events are written.  The total of a group is not changed by it.

    \b
    Examples:
      asynclog events sqlite:///events.db prune --older-than 90d --roll-up 7d
    """  # noqa: D301 - click wants the backspace itself
    if older_than is None and rolled is None:
        raise click.UsageError("expected --older-than, --roll-up, or both")

    async def work() -> None:
        async with reader:
            if older_than is not None:
                click.echo(f"removed: {_count(await prune(reader.store, older_than))}")
            if rolled is not None:
                click.echo(f"rolled up: {_count(await roll_up(reader.store, rolled))}")

    _run(work())


def _count(gone: Gone) -> str:
    return f"{gone.rows:,} rows with {gone.events:,} events"


def _width() -> int | None:
    """Return the columns of the terminal; None where output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run *work*; tell in one line what is wrong with the store."""
    with told():
        return asyncio.run(work)


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of a store, or a missing extra, into one line."""
    try:
        yield
    except (StoreError, ImportError) as error:
        raise click.UsageError(str(error)) from None
