"""Senders: what the program logs with.  A sender belongs to one label."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any, Protocol

from . import fallback
from .attributes import combine, exception_of
from .buffers import Overflow
from .ledger import UNIT, Cause
from .levels import Level
from .messages import render
from .origins import caller_at, current_origin, task_of_loop
from .records import Record
from .scope import INSIDE_PIPELINE, current_scope
from .threads import flush_from_anywhere, wait_outside
from .waiting import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from .buffers import LabelBuffer
    from .collector import Collector

# Looking up, or comparing, a member of an enumeration costs more than all other checks of a call.
TRACE = int(Level.TRACE)
DEBUG = int(Level.DEBUG)
INFO = int(Level.INFO)
WARNING = int(Level.WARNING)
ERROR = int(Level.ERROR)
CRITICAL = int(Level.CRITICAL)

get_scope = current_scope.get


class LevelMethods:
    """A method for each level, on top of `_submit`.

    They are written out, and look at the level before anything else: a line that is not wanted
    should cost no more than this.
    """

    __slots__ = ()

    _threshold: Threshold

    def _submit(
        self,
        level: int,
        message: object,
        args: tuple[object, ...],
        attributes: dict[str, Any],
    ) -> Awaitable[None]:
        raise NotImplementedError

    def log(
        self, level: int, message: object, /, *args: object, **attributes: Any
    ) -> Awaitable[None]:
        """Log one line at *level*; see `LogSender.log`."""
        if level < self._threshold.threshold:
            return ACCEPTED
        return self._submit(level, message, args, attributes)

    def trace(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log what only a search for one fault needs; see `log`."""
        if self._threshold.threshold > 5:  # noqa: PLR2004 - Level.TRACE, without a look-up
            return ACCEPTED
        return self._submit(Level.TRACE, message, args, attributes)

    def debug(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log what helps to find faults; see `log`."""
        if self._threshold.threshold > 10:  # noqa: PLR2004 - Level.DEBUG, without a look-up
            return ACCEPTED
        return self._submit(Level.DEBUG, message, args, attributes)

    def info(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log what happens, as it should; see `log`."""
        if self._threshold.threshold > 20:  # noqa: PLR2004 - Level.INFO, without a look-up
            return ACCEPTED
        return self._submit(Level.INFO, message, args, attributes)

    def warning(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log what may become a fault; see `log`."""
        if self._threshold.threshold > 30:  # noqa: PLR2004 - Level.WARNING, without a look-up
            return ACCEPTED
        return self._submit(Level.WARNING, message, args, attributes)

    def error(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log what failed; see `log`."""
        if self._threshold.threshold > 40:  # noqa: PLR2004 - Level.ERROR, without a look-up
            return ACCEPTED
        return self._submit(Level.ERROR, message, args, attributes)

    def critical(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log what ends the work; see `log`."""
        if self._threshold.threshold > 50:  # noqa: PLR2004 - Level.CRITICAL, without a look-up
            return ACCEPTED
        return self._submit(Level.CRITICAL, message, args, attributes)

    warn = warning
    fatal = critical

    def exception(self, message: object, /, *args: object, **attributes: Any) -> Awaitable[None]:
        """Log at ERROR, with the exception being handled."""
        attributes.setdefault("exc_info", True)
        return self.log(ERROR, message, *args, **attributes)


class Threshold(Protocol):
    """What decides whether a line is wanted at all."""

    threshold: int


class LogLineSender(LevelMethods):
    """Sends lines to the buffer of one label.  Made by `BufferedLogger.sender_with_label`.

    It may be used from any thread.

    Args:
        collector: takes the lines.
        label: of all lines.
        buffer: of the label.
        bound: attributes of all lines.
    """

    __slots__ = ("_buffer", "_collector", "_threshold", "bound", "label")

    def __init__(
        self,
        collector: Collector,
        label: str,
        buffer: LabelBuffer,
        bound: Mapping[str, Any] | None = None,
    ) -> None:
        self.label = label
        self._collector = self._threshold = collector
        self._buffer = buffer
        self.bound = bound

    def bind(self, **attributes: Any) -> LogLineSender:
        """Return a sender to the same buffer whose lines also carry *attributes*."""
        bound = combine(attributes, self.bound, None)
        return LogLineSender(self._collector, self.label, self._buffer, bound)

    def _submit(  # noqa: C901, PLR0912 - see below
        self,
        level: int,
        message: object,
        args: tuple[object, ...],
        attributes: dict[str, Any],
    ) -> Awaitable[None]:
        """Make the record and append it.

        Every line comes through here, hence one function, few calls, and the plain case apart.
        """
        collector = self._collector
        on_loop = get_ident() == collector.thread_id
        if on_loop:
            task = task_of_loop(collector.loop)
            if task is not collector.last_task:
                collector.remember_task(task)
            origin = collector.last_origin
        else:
            origin = current_origin()
        now = collector.now
        scope = get_scope()
        # The last test is for both being None: they are never the same mapping.
        if args or attributes or type(message) is not str or scope is not self.bound:
            template, extra, exception = None, None, None
            if args or type(message) is not str:
                message, template = render(message, args, attributes)
            if scope is INSIDE_PIPELINE:
                return self._refuse_reentrant(level, message)
            if "exc_info" in attributes:
                exception = exception_of(attributes.pop("exc_info"))
            if attributes or scope is not None or self.bound is not None:
                extra = combine(attributes, self.bound, scope)
            caller = caller_at(2) if collector.needs_caller else None
            record = Record(
                now(), level, self.label, message, origin, extra, template, exception, caller
            )
        elif collector.needs_caller:
            record = Record(now(), level, self.label, message, origin, caller=caller_at(2))
        else:
            record = Record(now(), level, self.label, message, origin)
        if not on_loop:
            return self._submit_outside(record)
        ledger = collector.ledger
        if ledger.admitted >= ledger.ceiling or len(message) >= UNIT:
            return collector.admit(self._buffer, record)
        ledger.admitted += 1
        buffer = self._buffer
        lines = buffer.lines
        lines.append(record)
        if len(lines) >= buffer.attention or level >= collector.flush_level:
            return collector.touch(buffer, level)
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

    def __repr__(self) -> str:
        bound = "".join(f", {name}=..." for name in self.bound or ())
        return f"{type(self).__name__}({self.label!r}{bound})"
