"""What a JSON member can show of a record: read for a whole batch at once, as one column."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ..levels import LEVEL_NAMES, Level, level_name
from .exceptions import exception_tree, render_exception
from .isotime import IsoTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..records import Record


class Source(NamedTuple):
    """One thing that can be read of records."""

    read: Callable[[Sequence[Record]], list[Any]]
    """Returns one value for each record; None where it has none."""
    convert: Callable[[Any], Any] | None = None
    """Makes of a value what is shown; not called for None."""
    is_optional: bool = False
    """Whether a member without a value is left out; otherwise it is null."""
    has_few_values: bool = False
    """Whether values repeat from record to record, so that their text is worth keeping."""
    needs_caller: bool = False
    """Whether records must carry their caller."""
    texts: Callable[[Sequence[Record]], list[str]] | None = None
    """Returns the JSON text at once, where that is faster than encoding the values."""

    def then(self, convert: Callable[[Any], Any]) -> Source:
        """Return a source of what *convert* makes of what this one shows."""
        inner = self.convert
        both = convert if inner is None else lambda value: convert(inner(value))
        return self._replace(convert=both, texts=None)


def source(name: str) -> Source:
    """Return the source called *name*: one of `SOURCES`, new for each formatter.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in SOURCES:
        raise ValueError(f"source {name!r}: expected one of {', '.join(SOURCES)}")
    return SOURCES[name]()


def constant(value: object) -> Source:
    """Return a source that is *value* for every record."""
    # One value stands for it, since it may itself be no key of a dict.
    return Source(lambda records: [0] * len(records), lambda _: value, has_few_values=True)


def written_time(texts: Callable[[Iterable[int]], list[str]]) -> Source:
    """Return a source of the record's time as *texts* writes nanoseconds since the epoch."""
    return Source(lambda records: texts([r.time_ns for r in records]))


def of_level(render: Callable[[int], Any]) -> Source:
    """Return a source of what *render* makes of a record's level."""
    return Source(lambda records: [r.level for r in records], render, has_few_values=True)


def otel_severity(level: int) -> int:
    """Return OpenTelemetry's number for *level*: four steps from one named level to the next.

    The named levels have the numbers that the log data model gives them: TRACE 1, DEBUG 5, INFO 9,
    WARN 13, ERROR 17, FATAL 21.
    """
    at_or_below = [low for low in _OTEL_LOWS if low <= level] or _OTEL_LOWS[:1]
    low, step = at_or_below[-1], len(at_or_below) - 1
    high = _OTEL_LOWS[step + 1] if step + 1 < len(_OTEL_LOWS) else low + 10
    return 1 + 4 * step + min(3, max(0, (level - low) * 4 // (high - low)))


def otel_severity_name(level: int) -> str:
    """Return OpenTelemetry's short name for *level*: WARN and FATAL, the others as everywhere."""
    return _OTEL_NAMES.get(level) or level_name(level)


_OTEL_LOWS = sorted(LEVEL_NAMES)
_OTEL_NAMES = {int(Level.WARNING): "WARN", int(Level.CRITICAL): "FATAL"}


# Plain loops: they read an attribute faster than `attrgetter` does.
def _labels(records: Sequence[Record]) -> list[str]:
    return [r.label for r in records]


def _labels_if_any(records: Sequence[Record]) -> list[str | None]:
    return [r.label or None for r in records]


def _templates(records: Sequence[Record]) -> list[str | None]:
    return [r.template for r in records]


def _of_origin(name: str, *, is_optional: bool = False) -> Source:
    def read(records: Sequence[Record]) -> list[Any]:
        return [None if (o := r.origin) is None else getattr(o, name) for r in records]

    return Source(read, is_optional=is_optional, has_few_values=True)


def _of_caller(name: str) -> Source:
    def read(records: Sequence[Record]) -> list[Any]:
        return [None if (c := r.caller) is None else getattr(c, name) for r in records]

    return Source(read, is_optional=True, has_few_values=True, needs_caller=True)


def _of_exception(render: Callable[[Any], Any]) -> Source:
    return Source(lambda records: [r.exception for r in records], render, is_optional=True)


def _iso_time() -> Source:
    iso = IsoTime()
    return written_time(iso.texts)._replace(
        texts=lambda records: iso.texts([r.time_ns for r in records], quote='"')
    )


def _microseconds(records: Sequence[Record]) -> list[int]:
    return [r.time_ns // 1000 for r in records]


def _nanoseconds(records: Sequence[Record]) -> list[str]:
    return [str(r.time_ns) for r in records]


LEVEL_SOURCES: dict[str, Callable[[int], Any]] = {
    "level": int,
    "level_name": level_name,
    "level_name_lower": lambda level: level_name(level).lower(),
    "otel_severity": otel_severity,
    "otel_severity_name": otel_severity_name,
}
"""What shows a record's level, by name of the source."""

TIME_SOURCES: dict[str, Callable[[], Source]] = {
    "time": _iso_time,
    "time_us": lambda: Source(_microseconds),
    "time_ns": lambda: Source(_nanoseconds),
}
"""What shows a record's time: ISO 8601 in UTC, microseconds, and nanoseconds as text."""

SOURCES: dict[str, Callable[[], Source]] = {
    **TIME_SOURCES,
    **{name: partial(of_level, render) for name, render in LEVEL_SOURCES.items()},
    "label": lambda: Source(_labels, has_few_values=True),
    "label_if_any": lambda: Source(_labels_if_any, is_optional=True, has_few_values=True),
    "message": lambda: Source(lambda records: [r.message for r in records]),
    "template": lambda: Source(_templates, is_optional=True, has_few_values=True),
    "process_id": lambda: _of_origin("process_id"),
    "process_name": lambda: _of_origin("process_name"),
    "thread_id": lambda: _of_origin("thread_id"),
    "thread_hex": lambda: _of_origin("thread_id").then("{:#x}".format),
    "native_id": lambda: _of_origin("native_id"),
    "thread_name": lambda: _of_origin("thread_name"),
    "task_name": lambda: _of_origin("task_name", is_optional=True),
    "file": lambda: _of_caller("file"),
    "line": lambda: _of_caller("line"),
    "function": lambda: _of_caller("function"),
    "exception": lambda: _of_exception(render_exception),
    "exception_tree": lambda: _of_exception(exception_tree),
    "exception_type": lambda: _of_exception(attrgetter("type")),
    "exception_message": lambda: _of_exception(attrgetter("message")),
}
"""What makes a source, by its name."""
