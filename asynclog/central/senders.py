"""What reports lines as events, with no record for those of a group that is known already."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Concatenate, TypeAlias

from ..attributes import combine, exception_of
from ..levels import Level, parse_level
from ..messages import render, text_of
from ..records import Record
from ..scope import INSIDE_PIPELINE, current_scope
from ..waiting import ACCEPTED, Deferred
from .event import FINGERPRINT
from .known import MAX_KNOWN, MAX_LENGTH
from .turns import EXCEPTION, LINE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .counting import Span, Tally
    from .reporter import Reporter

    Done: TypeAlias = Awaitable[None]
    SendMethod: TypeAlias = Callable[Concatenate["CentralSender", object, ...], Done]

_find_scope = current_scope.get  # to call it as a method, each time, would be slower


def _method(level: int) -> SendMethod:
    """Return the method that reports at *level*."""

    def send(self: CentralSender, message: Any, /, *args: object, **attributes: Any) -> Done:
        if not attributes:
            if message is self._last_text and level == self._last_level:
                known = self._last_known
            else:
                known = self._known.get((level, message)) if type(message) is str else None
            if known is not None:
                tally, span = known
                # The room is looked at last: between that and counting no other code can run.
                if (
                    span.begin_ns <= time.time_ns() < span.end_ns
                    and ((scope := _find_scope()) is None or not _tells(scope))
                    and span.repeats < span.room
                ):
                    tally.repeats += 1
                    span.repeats += 1
                    return ACCEPTED
        return self.log(level, message, *args, **attributes)

    send.__doc__ = f"Report at the level {Level(level).name}; see `log`."
    return send


def _tells(scope: dict[str, Any]) -> bool:
    """Whether a line must be looked at for the *scope* that it is in."""
    return scope is INSIDE_PIPELINE or FINGERPRINT in scope


def _number_of(level: object, attributes: dict[str, Any]) -> int:
    """Return *level*; what is none is a warning's, and becomes an attribute."""
    try:
        return int(parse_level(level))
    except Exception:  # noqa: BLE001 - whatever was given, the line is kept
        attributes["bad_level"] = text_of(level)
        return Level.WARNING.value


class CentralSender:
    """Reports lines of one label.  Made by `CentralLog.sender_with_label`.

    It has the methods of any sender, and belongs to the thread of the loop.  Who wants lines
    filtered, formatted, or written elsewhere too uses a logger with a `CentralSink`.

    Args:
        reporter: counts the events.
        label: of all lines.
    """

    __slots__ = (
        "_known",
        "_last_known",
        "_last_level",
        "_last_text",
        "_reporter",
        "_turns",
        "label",
    )

    def __init__(self, reporter: Reporter, label: str) -> None:
        self.label = label
        self._reporter = reporter
        self._known: dict[tuple[int, str], tuple[Tally, Span]] = {}
        # That which was remembered last: in a burst it is mostly the one that comes.
        self._last_text: str | None = None
        self._last_level = 0
        self._last_known: tuple[Tally, Span] | None = None
        self._turns = reporter.turns

    debug = _method(int(Level.DEBUG))
    info = _method(int(Level.INFO))
    warning = _method(int(Level.WARNING))
    error = _method(int(Level.ERROR))
    critical = _method(int(Level.CRITICAL))

    def log(self, level: int, message: object, /, *args: object, **attributes: Any) -> Done:
        """Count one line, in memory or, with a spool, on disk when the result is awaited.

        A task that awaits one line after the other lets others run every few milliseconds.

        Args:
            level: a `Level`, or any other int; what is none is a warning, with what was given as
                its attribute `bad_level`.
            message: the text, a callable that returns it, or, where *args* are given, a
                `str.format` template for them.
            *args: fill the template's placeholders.
            **attributes: kept with the first event of a group in a second; `exc_info` and
                `fingerprint` mean what they mean anywhere.
        """
        scope = _find_scope()
        if scope is INSIDE_PIPELINE:
            return ACCEPTED  # a line about reporting would beget another one for ever
        number = _number_of(level, attributes)
        exception = exception_of(attributes.pop("exc_info", None)) if attributes else None
        text, template = render(message, args, attributes)
        record = Record(
            time.time_ns(),
            number,
            self.label,
            text,
            None,
            combine(attributes, None, scope),
            template,
            exception,
        )
        known = self._reporter.count_one(record)
        if self._reporter.spooled:
            return Deferred(self._reporter.settle)
        plain = record.attributes is None and exception is None
        if plain and known is not None and self._remember(record, known):
            return self._turns.give_way()
        return self._turns.spend(LINE if exception is None else EXCEPTION)

    def _remember(self, record: Record, known: tuple[Tally, Span]) -> bool:
        """Keep by what further lines can be counted; return whether the last such is used up."""
        text = record.message if record.template is None else record.template
        if len(text) > MAX_LENGTH:
            return False
        before = self._known.pop((record.level, text), None)
        if before is not None and before[1].used_up:
            return True
        if self._turns.left > 0:  # else the others come first, whoever logs the text
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()  # what comes often is soon there again
            self._known[record.level, text] = known
            self._last_text, self._last_level, self._last_known = text, record.level, known
        return False

    async def flush(self, *, durable: bool = False) -> None:
        """Return when the server has all that was reported before.

        Raises:
            SinkError: it was tried at once, and the server has not; the events are kept.
        """
        await self._reporter.flush()

    def __repr__(self) -> str:
        return f"CentralSender({self.label!r})"
