"""Groups and events as text, and as JSON: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..formatters.escaping import escape
from ..formatters.exceptions import render_exception
from ..levels import level_name
from .moments import show_moment, show_span
from .sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..central.event import Event
    from ..central.reader import Group, Listing, Lost, Span

SHORT = 12
"""Characters of a fingerprint in a list: enough to name a group by."""
_LEAST_TEXT = 20


def show_groups(listing: Listing, width: int | None) -> str:
    """Return a table of groups, one a line.

    Args:
        listing: what to show.
        width: columns there are; None for as many as it takes.
    """
    rows = [_row(one) for one in listing.groups]
    bars = f"{show_span(listing.span.width)} a bar"
    heads = ("LAST SEEN (UTC)", "EVENTS", "LEVEL", "GROUP", bars, "LABEL", "TEXT")
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)][:-1]
    lines = []
    for row in (heads, *rows):
        cells = [
            text.rjust(size) if index == 1 else text.ljust(size)
            for index, (text, size) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append(_cut("  ".join([*cells, row[-1]]).rstrip(), width))
    return "\n".join(lines)


def _row(group: Group) -> tuple[str, ...]:
    return (
        show_moment(group.last_ns),
        f"{group.recent:,}",
        level_name(group.level),
        escape(group.group[:SHORT]),
        sparkline(group.counts),
        escape(group.label),
        escape(group.title),
    )


def _cut(line: str, width: int | None) -> str:
    if width is None or len(line) <= width or width < _LEAST_TEXT:
        return line
    return f"{line[: width - 1]}…"


def show_group(group: Group) -> str:
    """Return what the catalogue says of *group*, one thing a line."""
    facts = {
        "group": group.group,
        "text": group.title,
        "level": level_name(group.level),
        "label": group.label,
        "logger": group.logger,
        "first seen": f"{show_moment(group.first_ns)} UTC",
        "last seen": f"{show_moment(group.last_ns)} UTC",
        "events": f"{group.total:,}",
        "counts": sparkline(group.counts),
    }
    return "\n".join(f"{name + ':':<12}{escape(text)}" for name, text in facts.items() if text)


def show_event(event: Event, *, whole: bool = False) -> str:
    """Return *event* on one line; if it is to be *whole*, with attributes and traceback below."""
    repeats = f" (x{event.repeats:,})" if event.repeats > 1 else ""
    head = f"{show_moment(event.time_ns)} {level_name(event.level):<8} [{escape(event.label)}]: "
    lines = [f"{head}{escape(event.message)}{repeats}"]
    if whole:
        lines += [
            f"    {escape(name)} = {escape(_text(value))}"
            for name, value in (event.attributes or {}).items()
        ]
        if event.exception is not None:
            traceback = render_exception(event.exception).split("\n")
            lines += [f"    {escape(line)}" for line in traceback]
    return "\n".join(lines)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def show_lost(lost: Lost) -> Iterator[str]:
    """Yield a line for each kind of events that the store has not."""
    for cause, events in lost.drops.items():
        yield f"{events:,} events {escape(cause)}"
    if lost.dead:
        yield f"{lost.dead:,} events that cannot be read, kept in the table dead_letters"


def as_json(group: Group, span: Span) -> str:
    """Return *group* as one object of JSON."""
    found = msgspec.to_builtins(group)
    found.update(level_name=level_name(group.level), counts_from=span.first, counts_each=span.width)
    return msgspec.json.encode(found).decode()


def event_as_json(event: Event) -> str:
    """Return *event* as one object of JSON, its exception as the text of a traceback."""
    found = {name: getattr(event, name) for name in event.__struct_fields__}
    found["level_name"] = level_name(event.level)
    if event.exception is not None:
        found["exception"] = render_exception(event.exception)
    return msgspec.json.encode(found).decode()
