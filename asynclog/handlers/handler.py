"""What a handler is made of: which records, in what form, to which sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..buffers import Overflow
from ..fallback import name_of
from ..levels import parse_level
from ..protocols import Sink
from ..units import parse_seconds
from .sieve import Filtered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from ..protocols import Filter, Formatter


class Handler:
    """A route through the pipeline, independent of all others: filter, formatter, sinks.

    A handler says what is to be done; the logger that it is given to does it, with tasks of its
    own for each handler and each sink, so that one that hangs or fails delays no other.

    Args:
        *sinks: where the lines go; at least one.  A sink as `Filtered(sink, filter)` gets only what
            that filter keeps.
        formatter: makes the text; None for time, level, label, message and attributes.
        filter: a callable that returns whether a record is kept; None keeps all.
        level: records below it are not kept; a number or a name, None for all.
        capacity: lines that may wait in this handler before *overflow* applies; None leaves that
            to the logger.
        overflow: what happens above *capacity*.  WAIT lets the logger's own policy decide.
        write_timeout: seconds, or a timedelta, within which a sink must have answered.  One that
            has not counts as failing, and is left alone with growing pauses; its lines wait, or
            are dropped by the policy.  None waits for ever.
        fallback: takes the lines that the one sink gives up, and, while that one fails, all others;
            never both take a line.  None keeps them for the sink as long as it may recover.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        *sinks: Sink | Filtered,
        formatter: Formatter | None = None,
        filter: Filter | None = None,  # noqa: A002 - the field's word, as in the standard library
        level: int | str | None = None,
        capacity: int | None = None,
        overflow: Overflow = Overflow.WAIT,
        write_timeout: float | timedelta | None = None,
        fallback: Sink | None = None,
    ) -> None:
        ways = [one if isinstance(one, Filtered) else Filtered(one, None) for one in sinks]
        _check_sinks([way.sink for way in ways])
        for way in ways:
            if way.filter is not None and not callable(way.filter):
                raise ValueError(f"filter: expected a callable, got {way.filter!r}")
        if formatter is not None and not _is_formatter(formatter):
            raise ValueError(
                "formatter: expected an object with format(record), such as a PatternFormatter,"
                f" got {formatter!r}"
            )
        if filter is not None and not callable(filter):
            raise ValueError(f"filter: expected a callable or None, got {filter!r}")
        if capacity is not None and (type(capacity) is not int or capacity < 1):
            raise ValueError(f"capacity: expected a whole number from 1 up, got {capacity!r}")
        if not isinstance(overflow, Overflow):
            raise ValueError(  # noqa: TRY004 - a bad argument is a ValueError throughout
                f"overflow: expected an Overflow, such as Overflow.WAIT, got {overflow!r}"
            )
        self.sinks = tuple(way.sink for way in ways)
        self.sink_filters = tuple(way.filter for way in ways)
        """For each sink its own filter, or None."""
        self.formatter = formatter if formatter is not None else _default_formatter()
        self.filter = filter
        self.level = 0 if level is None else parse_level(level)
        if write_timeout is not None:
            write_timeout = parse_seconds(write_timeout, "write_timeout")
        if fallback is not None:
            _check_sinks([*self.sinks, fallback])
            if len(self.sinks) > 1:
                raise ValueError(f"fallback: expected one sink beside it, got {len(self.sinks)}")
        self.write_timeout = write_timeout
        self.fallback = fallback
        self.capacity = capacity
        self.overflow = overflow

    @property
    def all_sinks(self) -> tuple[Sink, ...]:
        """The sinks, the fallback last."""
        return self.sinks if self.fallback is None else (*self.sinks, self.fallback)

    @property
    def needs_caller(self) -> bool:
        """Whether the formatter prints where in the source a line was logged."""
        return bool(getattr(self.formatter, "needs_caller", False))

    def __repr__(self) -> str:
        return f"Handler({', '.join(map(name_of, self.sinks))})"


def _is_formatter(value: object) -> bool:
    """Whether *value* can format; a class of formatters cannot, nor `str.format` of a pattern."""
    return callable(getattr(value, "format", None)) and not isinstance(value, type | str)


def _default_formatter() -> Formatter:
    # Imported late: `import asynclog` must not wait for a formatter that may not be used.
    from ..formatters.default import default_formatter  # noqa: PLC0415

    return default_formatter()


def _check_sinks(sinks: Sequence[Sink]) -> None:
    if not sinks:
        raise ValueError("sinks: expected at least one sink, got none")
    for sink in sinks:
        if isinstance(sink, type) or not isinstance(sink, Sink):
            raise ValueError(  # noqa: TRY004 - a bad argument is a ValueError throughout
                f"sinks: expected objects with open, write, flush and aclose, got {sink!r}"
            )
    if len(set(map(id, sinks))) < len(sinks):
        raise ValueError("sinks: the same sink was given twice")
