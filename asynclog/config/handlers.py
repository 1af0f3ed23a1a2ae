"""The handlers of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..filters import all_of
from ..handlers import Filtered, Handler
from .model import (
    ALL_LEVELS,
    Count,
    FilterPart,
    FormatterPart,
    HandlerPart,
    LevelName,
    OverflowName,
    Redaction,
    Seconds,
    SinkPart,
    parse_overflow,
)
from .sinks import Asynchronous, Null

if TYPE_CHECKING:
    from ..protocols import Formatter, Sink
    from .model import Build


class Blocking(HandlerPart, frozen=True, kw_only=True):
    """Filter, formatter, sinks.  The name is Blackhole's; the program never waits for it."""

    formatter: FormatterPart
    """Makes the text; `{"type": "string"}` alone shows time, level, label, message, attributes."""
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
    write_timeout: Seconds | None = None
    """Seconds in which a sink must have answered; left out, it may take for ever."""
    fallback: SinkPart | None = None
    """Takes the lines of the one sink while that fails."""
    redact: bool | Redaction = False
    """Whether secrets are taken out of the lines; an object says which."""

    def make(self, build: Build) -> list[Handler]:
        """Return one handler for most sinks, and one for each that has a queue of its own."""
        formatter = redacted(build(self.formatter), self.redact)
        fallback = self._fallback(build)
        return [
            Handler(
                *(way.make(build) for way in lane.ways),
                formatter=formatter,
                filter=None if self.filter is None else build(self.filter),
                level=ALL_LEVELS if self.level is None else self.level,
                capacity=lane.capacity,
                overflow=parse_overflow(lane.overflow),
                write_timeout=self.write_timeout,
                fallback=fallback,
            )
            for lane in lanes(self)
        ]

    def _fallback(self, build: Build) -> Sink | None:
        if self.fallback is None:
            return None
        if len(self.sinks) != 1:
            raise ValueError(f"fallback: expected one sink beside it, got {len(self.sinks)}")
        if isinstance(self.fallback, Asynchronous) or self.fallback.filter is not None:
            raise ValueError("fallback: expected a sink without a filter or a queue of its own")
        sink: Sink = build(self.fallback)
        return sink


def redacted(formatter: Formatter, redact: bool | Redaction) -> Formatter:
    """Return *formatter*, behind a step that takes secrets out if that is wanted."""
    if redact is False:
        return formatter
    # Imported late, as all that a configuration may not use.
    from ..redaction import redact as behind  # noqa: PLC0415

    options = msgspec.structs.asdict(redact) if isinstance(redact, Redaction) else {}
    return behind(formatter, **options)


class Way(NamedTuple):
    """A sink, and what leads to it alone."""

    outer: SinkPart
    """As it stands in the list of sinks: the sink, or a queue before it."""
    sink: SinkPart
    """Where lines end up."""
    filters: tuple[FilterPart, ...]
    """Its own, and those of queues before it."""
    queue: Asynchronous | None
    """The last queue before it."""

    def make(self, build: Build) -> Sink | Filtered:
        """Return the sink, with its filters if it has any."""
        sink: Sink = build(self.sink)
        return Filtered(sink, all_of(*map(build, self.filters))) if self.filters else sink


class Lane(NamedTuple):
    """Sinks that share a queue."""

    ways: list[Way]
    capacity: int | None
    overflow: str


def lanes(part: Blocking) -> list[Lane]:
    """Divide the sinks of *part*: those behind a queue of their own stand alone."""
    ways = [way_to(sink) for sink in part.sinks or (Null(),)]
    common = [way for way in ways if way.queue is None]
    own = [Lane([way], way.queue.capacity, way.queue.overflow) for way in ways if way.queue]
    return [Lane(common, part.capacity, part.overflow), *own] if common else own


def way_to(outer: SinkPart) -> Way:
    """Return the way to a sink; of several queues before it, the last one decides about room."""
    sink, filters = outer, list[FilterPart]()
    queue: Asynchronous | None = None
    while True:
        if sink.filter is not None and not isinstance(sink, Null):
            filters.append(sink.filter)
        if not isinstance(sink, Asynchronous):
            return Way(outer, sink, tuple(filters), queue)
        queue, sink = sink, sink.sink
