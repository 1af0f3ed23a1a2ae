"""Senders: what the program logs with.  A sender belongs to one label."""

from __future__ import annotations

import sys
from gc import is_tracked as holds_objects
from threading import get_ident
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, Protocol, TypeAlias

from . import fallback
from .asides import is_aside
from .attributes import combine, exception_of
from .buffers import Overflow
from .ledger import Cause
from .levels import Level, parse_level
from .messages import render, text_of
from .origins import caller_outside, current_origin, task_of_loop
from .records import Record
from .scope import INSIDE_PIPELINE, surroundings
from .threads import flush_from_anywhere, wait_outside
from .waiting import ACCEPTED
from .weight import FEW, SHORT, UNIT, beyond_short, weight_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from .buffers import LabelBuffer
    from .collector import Collector
    from .records import Caller, Origin
    from .tracebacks import ExceptionInfo

    Done: TypeAlias = Awaitable[None]
    SendMethod: TypeAlias = Callable[Concatenate["LogLineSender", object, ...], Done]


class Threshold(Protocol):
    """What decides whether a line is wanted at all."""

    threshold: int


def _method(level: int, purpose: str = "") -> SendMethod:
    """Return the method that logs at *level*.

    Every line comes through one of these, so that each is one function with few calls, has its
    level at hand as a plain int (to compare a member of an enumeration costs more than all other
    checks together), and keeps the plain case apart: on the logger's own loop, a text, with plain
    attributes at most.
    """

    def send(self: LogLineSender, message: Any, /, *args: object, **attributes: Any) -> Done:
        if level < self._threshold.threshold:
            return ACCEPTED
        collector = self._collector
        find_scope = surroundings.get  # to call it as a method, which it is not, would be slower
        scope = find_scope()
        if (
            type(message) is not str
            or args
            or scope is not self.bound  # both None, that is: they are never the same mapping
            or (attributes and not _are_plain(attributes))
            or collector.needs_caller
            or get_ident() != collector.thread_id
        ):
            return self._send_rich(level, message, args, attributes, scope)
        task = task_of_loop(collector.loop)
        if task is not collector.last_task:
            collector.remember_task(task)
        now, origin = collector.now, collector.last_origin
        record = Record(now(), level, self.label, message, origin, attributes or None)
        ledger = collector.ledger  # as in `_put`: one call less for each line
        if len(message) > self._spare or ledger.admitted >= ledger.ceiling:
            return collector.admit(self._buffer, record)
        ledger.admitted += 1
        buffer = self._buffer
        lines = buffer.lines
        lines.append(record)
        if len(lines) >= buffer.attention or level >= collector.flush_level:
            return collector.touch(buffer, level)
        return ACCEPTED

    send.__doc__ = f"Log {purpose}; see `LogSender.log`."
    return send


def _are_plain(attributes: dict[str, Any]) -> bool:
    """Whether *attributes* are few, weigh nothing, and cannot be changed after the call.

    The garbage collector tracks no dict of nothing but texts, numbers and their like.
    """
    if holds_objects(attributes) or "exc_info" in attributes or len(attributes) > FEW:
        return False
    for value in attributes.values():
        kind = type(value)
        if (kind is str or kind is bytes) and len(value) > SHORT:
            return False
    return True


def _nowhere() -> None:
    """Know no caller."""


class LogLineSender:
    """Sends lines to the buffer of one label.  Made by `BufferedLogger.sender_with_label`.

    It may be used from any thread.

    Args:
        collector: takes the lines.
        label: of all lines.
        buffer: of the label.
        bound: attributes of all lines.
        threshold: of the label; None is the collector's.
    """

    __slots__ = ("_buffer", "_collector", "_spare", "_threshold", "bound", "label")

    _threshold: Threshold

    def __init__(
        self,
        collector: Collector,
        label: str,
        buffer: LabelBuffer,
        bound: Mapping[str, Any] | None = None,
        threshold: Threshold | None = None,
    ) -> None:
        self.label = label
        self._collector = collector
        self._threshold = collector if threshold is None else threshold
        self._buffer = buffer
        self._spare = UNIT - beyond_short(label)  # for the message of a line that is not heavy
        self.bound = bound

    trace = _method(Level.TRACE.value, "what only a search for one fault needs")
    debug = _method(Level.DEBUG.value, "what helps to find faults")
    info = _method(Level.INFO.value, "what happens, as it should")
    warning = warn = _method(Level.WARNING.value, "what may become a fault")
    error = _method(Level.ERROR.value, "what failed")
    critical = fatal = _method(Level.CRITICAL.value, "what ends the work")

    def log(
        self, level: int, message: object, /, *args: object, **attributes: Any
    ) -> Awaitable[None]:
        """Log one line at *level*; see `LogSender.log`.

        A level that is none does not lose the line: it is logged as a warning, with what was given
        as its attribute `bad_level`.
        """
        try:
            send = _METHODS[level]
        except Exception:  # noqa: BLE001 - not known, or not even hashable
            return _at_odd_level(self, level, message, args, attributes)
        if args or attributes:
            return send(self, message, *args, **attributes)
        return send(self, message)

    def exception(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log at ERROR, with the exception being handled."""
        attributes.setdefault("exc_info", True)
        return self.error(message, *args, **attributes)

    def submit(self, record: Record) -> Awaitable[None]:
        """Log a *record* that was made elsewhere, as it is; for bridges from other libraries.

        Nothing is added to it; its label should be the sender's.  Else this is `log`.
        """
        if record.level < self._threshold.threshold:
            return ACCEPTED
        inside = surroundings.get() is INSIDE_PIPELINE
        if inside and not is_aside(sys._getframe(1)):  # noqa: SLF001 - as in `caller_outside`
            return self._refuse_reentrant(record.level, record.message)
        return self._put(record, heavy=weight_of(record) > UNIT, aside=inside)

    def takes(self, level: int) -> bool:
        """Return whether lines at *level* are wanted."""
        return level >= self._threshold.threshold

    def take(
        self,
        level: int,
        message: str,
        attributes: dict[str, Any],
        exception: ExceptionInfo | None = None,
        find_caller: Callable[[], Caller | None] = _nowhere,
        *,
        light: bool = False,
    ) -> Awaitable[None]:
        """Log one line that another library's logger was given; see `LogSender.log`.

        Nothing is looked for among the attributes, and nothing is unpacked: the dict becomes the
        line's own, so nobody else may keep it.

        Args:
            level: a number.
            message: the text, as it is to be.
            attributes: the line's own.
            exception: what the line tells of.
            find_caller: returns where in the source it was logged; called only if that is printed.
            light: whether the caller knows that *attributes* weigh nothing; see `is_light`.
        """
        if level < self._threshold.threshold:
            return ACCEPTED
        collector = self._collector
        find_scope, now = surroundings.get, collector.now  # as in `_method`
        if (
            not light
            or exception is not None
            or find_scope() is not self.bound
            or collector.needs_caller
            or get_ident() != collector.thread_id
        ):
            caller = find_caller() if collector.needs_caller else None
            return self._take_rich(level, message, attributes, exception, caller)
        task = task_of_loop(collector.loop)
        if task is not collector.last_task:
            collector.remember_task(task)
        origin = collector.last_origin
        record = Record(now(), level, self.label, message, origin, attributes or None)
        ledger = collector.ledger
        if len(message) > self._spare or ledger.admitted >= ledger.ceiling:
            return collector.admit(self._buffer, record)
        ledger.admitted += 1
        buffer = self._buffer
        buffer.lines.append(record)
        if len(buffer.lines) >= buffer.attention or level >= collector.flush_level:
            return collector.touch(buffer, level)
        return ACCEPTED

    def _take_rich(
        self,
        level: int,
        message: str,
        attributes: dict[str, Any],
        exception: ExceptionInfo | None,
        caller: Caller | None,
    ) -> Awaitable[None]:
        """Take a line that must be looked at more closely, or comes from another thread."""
        scope = surroundings.get()
        inside = scope is INSIDE_PIPELINE
        if inside and not is_aside(sys._getframe(2)):  # noqa: SLF001 - as in `caller_outside`
            return self._refuse_reentrant(level, message)
        kept: dict[str, Any] | None = attributes or None
        if scope is not self.bound or holds_objects(attributes):
            kept = combine(attributes, self.bound, scope)
        now, origin = self._collector.now(), self._origin()
        record = Record(now, level, self.label, message, origin, kept, None, exception, caller)
        return self._put(record, heavy=weight_of(record) > UNIT, aside=inside)

    def bind(self, /, **attributes: Any) -> LogLineSender:
        """Return a sender to the same buffer whose lines also carry *attributes*."""
        bound = combine(attributes, self.bound, None)
        return LogLineSender(self._collector, self.label, self._buffer, bound, self._threshold)

    def _send_rich(
        self,
        level: int,
        message: object,
        args: tuple[object, ...],
        attributes: dict[str, Any],
        scope: Mapping[str, Any] | None,
    ) -> Awaitable[None]:
        """Log a line that is more than a text and simple values, or comes from another thread."""
        collector = self._collector
        inside = scope is INSIDE_PIPELINE
        if inside and not is_aside(sys._getframe(2)):  # noqa: SLF001 - as in `caller_outside`
            return self._refuse_reentrant(level, text_of(message))
        text, template = render(message, args, attributes)
        exception = exception_of(attributes.pop("exc_info", None))
        record = Record(
            collector.now(),
            level,
            self.label,
            text,
            self._origin(),
            combine(attributes, self.bound, scope),
            template,
            exception,
            caller_outside(__file__) if collector.needs_caller else None,
        )
        return self._put(record, heavy=weight_of(record) > UNIT, aside=inside)

    def _origin(self) -> Origin:
        """Return who logs now."""
        collector = self._collector
        if get_ident() != collector.thread_id:
            return current_origin()
        task = task_of_loop(collector.loop)
        if task is not collector.last_task:
            collector.remember_task(task)
        origin: Origin = collector.last_origin
        return origin

    def _put(self, record: Record, *, heavy: bool, aside: bool) -> Awaitable[None]:
        """Log *record*.

        Args:
            record: the line.
            heavy: whether it may take more than one place.
            aside: whether it interrupts the pipeline, which may be halfway through something.
        """
        collector = self._collector
        if aside or get_ident() != collector.thread_id:
            return self._submit_outside(record)
        ledger = collector.ledger
        if heavy or ledger.admitted >= ledger.ceiling:
            return collector.admit(self._buffer, record)
        ledger.admitted += 1
        buffer = self._buffer
        buffer.lines.append(record)
        if len(buffer.lines) >= buffer.attention or record.level >= collector.flush_level:
            return collector.touch(buffer, record.level)
        return ACCEPTED

    def _refuse_reentrant(self, level: int, message: str) -> Awaitable[None]:
        """Count a line that a filter, formatter or sink of a logger sends to a logger.

        Taken in, it would be written, and while it is written another would be sent, for ever.
        """
        collector = self._collector
        record = Record(collector.now(), level, self.label, message)
        collector.ledger.refuse(record, Cause.REENTRANT)
        if not collector.told_reentrant:
            collector.told_reentrant = True
            fallback.tell(
                f"label {self.label!a}: a line logged by a filter, formatter or sink is not"
                " written; it and all that follow are counted"
            )
        return ACCEPTED

    def _submit_outside(self, record: Record) -> Awaitable[None]:
        """Hand *record* over to the loop of the logger, from another thread."""
        collector = self._collector
        if collector.submit_outside(self._buffer, record):
            return ACCEPTED
        if collector.limits.overflow == Overflow.DROP_NEWEST:
            collector.lose(record, Cause.QUEUE_FULL)
            return ACCEPTED
        return wait_outside(collector, self._buffer, record)

    async def flush(self, *, durable: bool = False) -> None:
        """Return when every line sent to this label before is in every sink.

        Args:
            durable: also make files survive a loss of power (`fsync`).

        Raises:
            FlushError: a sink does not hold them all; it says which, and how many.
            LoggerClosed: the logger is closed, or its loop has ended.
        """
        await flush_from_anywhere(self._collector, self._buffer, durable=durable)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sender cannot be pickled: open a BufferedLogger in the other process")

    def __repr__(self) -> str:
        bound = "".join(f", {name}=..." for name in self.bound or ())
        return f"{type(self).__name__}({self.label!r}{bound})"


MAX_METHODS = 256
"""Levels whose methods are kept; a program has a handful."""

_METHODS: dict[int, SendMethod] = {
    level.value: getattr(LogLineSender, level.name.lower()) for level in Level
}
for _level in Level:
    _METHODS[_level].__name__ = _level.name.lower()
    _METHODS[_level].__qualname__ = f"{LogLineSender.__name__}.{_level.name.lower()}"


def _at_odd_level(
    sender: LogLineSender,
    level: object,
    message: object,
    args: tuple[object, ...],
    attributes: dict[str, Any],
) -> Awaitable[None]:
    """Log at a level that has no method yet, or, if it is none, as a warning that shows it."""
    try:
        number = int(parse_level(level))
    except Exception:  # noqa: BLE001 - whatever was given, the line is kept
        attributes["bad_level"] = text_of(level)
        return sender.warning(message, *args, **attributes)
    if number not in _METHODS and len(_METHODS) < MAX_METHODS:
        _METHODS[number] = _method(number)
    send = _METHODS.get(number) or _method(number)
    return send(sender, message, *args, **attributes)
