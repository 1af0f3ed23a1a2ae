"""The handlers of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..filters import all_of
from ..handlers import Handler
from .model import (
    ALL_LEVELS,
    Count,
    FilterPart,
    FormatterPart,
    HandlerPart,
    LevelName,
    OverflowName,
    Redaction,
    SinkPart,
    parse_overflow,
)
from .sinks import Asynchronous, Null

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..protocols import Formatter
    from .model import Build


class Blocking(HandlerPart, frozen=True, kw_only=True):
    """Filter, formatter, sinks.  The name is Blackhole's; the program never waits for it."""

    formatter: FormatterPart | None = None
    """Makes the text; left out: time, level, label, message, attributes."""
    sinks: tuple[SinkPart, ...] = ()
    """Where the lines go; without any they are formatted and thrown away."""
    filter: FilterPart | None = None
    """Keeps lines from all sinks."""
    level: LevelName | None = None
    """Lines below it are not kept."""
    capacity: Count | None = None
    """Lines that may wait here; left out, the logger decides."""
    overflow: OverflowName = "wait"
    """What happens to a line that finds no room."""
    redact: bool | Redaction = False
    """Whether secrets are taken out of the lines; an object says which."""

    def make(self, build: Build) -> list[Handler]:
        """Return one handler for the plain sinks, and one for each that goes its own way."""
        formatter = self._formatter(build)
        return [
            Handler(
                *map(build, lane.sinks),
                formatter=formatter,
                filter=all_of(*map(build, lane.filters)) if lane.filters else None,
                level=ALL_LEVELS if self.level is None else self.level,
                capacity=lane.capacity,
                overflow=parse_overflow(lane.overflow),
            )
            for lane in lanes(self)
        ]

    def _formatter(self, build: Build) -> Formatter | None:
        formatter: Formatter | None = None if self.formatter is None else build(self.formatter)
        return redacted(formatter, self.redact)


def redacted(formatter: Formatter | None, redact: bool | Redaction) -> Formatter | None:
    """Return *formatter*, behind a step that takes secrets out if that is wanted."""
    if redact is False:
        return formatter
    # Imported late, as all that a configuration may not use.
    from ..formatters.default import default_formatter  # noqa: PLC0415
    from ..redaction import redact as behind  # noqa: PLC0415

    options = msgspec.structs.asdict(redact) if isinstance(redact, Redaction) else {}
    return behind(formatter or default_formatter(), **options)


class Lane(NamedTuple):
    """Sinks that share filters and a queue."""

    sinks: Sequence[SinkPart]
    filters: Sequence[FilterPart]
    capacity: int | None
    overflow: str


def lanes(part: Blocking) -> list[Lane]:
    """Divide the sinks of *part*: those with a filter or a queue of their own stand alone."""
    common = [part.filter] if part.filter else []
    plain = [sink for sink in part.sinks if _is_plain(sink)]
    own = [_own_lane(sink, common, part) for sink in part.sinks if not _is_plain(sink)]
    if plain or not own:
        own.insert(0, Lane(plain or [Null()], common, part.capacity, part.overflow))
    return own


def _is_plain(sink: SinkPart) -> bool:
    return isinstance(sink, Null) or (sink.filter is None and not isinstance(sink, Asynchronous))


def _own_lane(sink: SinkPart, filters: Sequence[FilterPart], part: Blocking) -> Lane:
    """Return the lane of *sink*, whose innermost queue decides about room."""
    capacity, overflow = part.capacity, part.overflow
    while True:
        if sink.filter is not None and not isinstance(sink, Null):
            filters = [*filters, sink.filter]
        if not isinstance(sink, Asynchronous):
            return Lane([sink], filters, capacity, overflow)
        capacity, overflow, sink = sink.capacity, sink.overflow, sink.sink
