"""The standard library's `logging`: what is logged there goes the way of asynclog's own lines."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from .. import current
from ..attributes import combine, exception_of
from ..errors import LoggerClosed, LoggerNotOpen
from ..levels import Level
from ..messages import text_of
from ..origins import current_origin
from ..records import Caller, Origin, Record
from ..scope import INSIDE_PIPELINE, surroundings
from ..sinks.stdlib import HANDED_OVER, RESERVED, LetsGo, process_mark
from .backlog import Backlog
from .steps import SlowSteps

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..current import Entry
    from ..senders import LogLineSender

    Label: TypeAlias = Callable[[logging.LogRecord], str]

CAPACITY = 10_000
"""Lines that are kept until a logger is open, unless told otherwise."""
FLUSH_SECONDS = 5.0
"""How long `flush` waits for the sinks."""
MAX_SENDERS = 1_024
"""Labels whose senders are kept."""
MAX_NESTING = 8
"""How deep lines may be logged by what makes the text of a line, before they are dropped."""
_ABOVE_WARNINGS = frozenset({"root", "py", "py.warnings"})
"""The loggers whose handlers get what `logging.captureWarnings` logs."""


class AsynclogHandler(logging.Handler, LetsGo):
    """Brings what is logged with `logging` to a logger of asynclog, from any thread.

    A line is taken at once; it waits only in a thread without an event loop, and only where the
    logger is full.  Lines that come before the logger is open are kept until it is, those that
    come after it has closed, or in a forked child, are written in the calling thread.  Lines that
    no logger ever took are written to stderr when the process ends.

    The fields of `extra=` become attributes, and so does the stack of `stack_info=True`.  If a
    formatter is set, what it returns is the message, tracebacks included.  Where a formatter or a
    label fails, or arguments do not fit their message, `handleError` is told, and the line is
    written without their help.

    Args:
        builder: the logger; None is the one that the process has opened last.
        level: lines below it go nowhere.
        label: "logger" for the name of the logger, "task" for that of the running task (and the
            logger's outside tasks), or a callable that returns the label of a `LogRecord`.
        capacity: lines that are kept until the logger is open; of more, the latest.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        builder: Entry | None = None,
        *,
        level: int | str = logging.NOTSET,
        label: str | Label = "logger",
        capacity: int = CAPACITY,
    ) -> None:
        super().__init__(level)
        if builder is not None and not hasattr(builder, "write_directly"):
            raise ValueError(f"builder: expected a BufferedLogger or None, got {builder!r}")
        if type(capacity) is not int or capacity < 1:
            raise ValueError(f"capacity: expected a whole number from 1 up, got {capacity!r}")
        self._label = _label(label)
        self._given = builder
        self._senders: tuple[Entry | None, dict[str, LogLineSender]] = (None, {})
        self._backlog = Backlog(capacity, self._pass)
        self._nesting = _Nesting()
        self._steps = SlowSteps(time.monotonic)
        current.follow(self)

    def changed(self) -> None:
        """Hand over what was kept, if there is a logger for it now; see `Follower`."""
        self._backlog.release()

    def handle(self, record: logging.LogRecord) -> Any:
        """Emit *record* if all filters let it pass.

        Without the lock that other handlers take: whoever waits for room while holding it could
        wait for the event loop, which waits for the lock.
        """
        answer: Any = self.filter(record)
        if isinstance(answer, logging.LogRecord):
            record = answer
        if answer:
            self.emit(record)
        return answer

    def emit(self, record: logging.LogRecord) -> None:
        """Log *record*; what goes wrong is left to `handleError`.

        A record that a `StdlibSink` of this process has handed over has been a line already, and is
        let go; so is a warning of asyncio that only tells how its last one was written.
        """
        if getattr(record, HANDED_OVER, None) == process_mark():
            return
        if self._nesting.depth >= MAX_NESTING:
            self._backlog.lose()
            return
        self._nesting.depth += 1
        try:
            line = self._record(record)
            if record.name != "asyncio" or self._steps.are_told(line.message):
                self._backlog.add(line)
        except Exception:  # noqa: BLE001 - a record may hold anything
            self.handleError(record)
        finally:
            self._nesting.depth -= 1

    def flush(self) -> None:
        """Return when all lines so far are written, but within `FLUSH_SECONDS`.

        On a thread that runs an event loop it returns at once, for it must not wait there.
        """
        self._backlog.release()
        entry = self._entry
        if entry is not None:
            entry.flush_in_thread(FLUSH_SECONDS)

    def close(self) -> None:
        """Write what is still kept; lines that come after that are written at once."""
        self._backlog.end()
        super().close()

    @property
    def _entry(self) -> Entry | None:
        return self._given or current.entry()

    def _pass(self, record: Record) -> bool:
        """Give *record* to the logger; return False if there is none that takes it now."""
        entry = self._entry
        if entry is None:
            return False
        try:
            self._sender(entry, record.label).submit(record)
        except LoggerNotOpen:
            return False
        except LoggerClosed:
            return entry.write_directly(record)
        return True

    def _sender(self, entry: Entry, label: str) -> LogLineSender:
        owner, senders = self._senders
        if entry is not owner or len(senders) >= MAX_SENDERS:
            senders = {}
            self._senders = (entry, senders)
        sender = senders.get(label)
        if sender is None:
            sender = senders[label] = entry.sender_with_label(label)
        return sender

    def _record(self, one: logging.LogRecord) -> Record:
        attributes = {name: value for name, value in vars(one).items() if name not in RESERVED}
        if one.stack_info:
            attributes["stack_info"] = one.stack_info
        scope = surroundings.get()
        text, exception = self._formatted(one), None
        if text is None:
            text, exception = self._message(one, attributes), exception_of(one.exc_info)
        return Record(
            _time_ns(one),
            _level(one, attributes),
            self._label_of(one),
            text,
            _origin(one),
            combine(attributes, None, None if scope is INSIDE_PIPELINE else scope),
            text_of(one.msg) if one.args else None,
            exception,
            Caller(one.pathname, one.lineno, one.funcName or "") if one.pathname else None,
        )

    def _label_of(self, one: logging.LogRecord) -> str:
        """Return the label; where it cannot be found, the logger's name."""
        try:
            return str.__str__(self._label(one))
        except Exception:  # noqa: BLE001 - of a foreign function
            self.handleError(one)
            return text_of(one.name)

    def _formatted(self, one: logging.LogRecord) -> str | None:
        """Return what the formatter makes of the record; None without one, or where it fails."""
        if self.formatter is None:
            return None
        try:
            return text_of(self.formatter.format(one))
        except Exception:  # noqa: BLE001 - of a foreign formatter, or a mistake in the call
            self.handleError(one)
            return None

    def _message(self, one: logging.LogRecord, attributes: dict[str, Any]) -> str:
        """Return the message; arguments that do not fit it are told of, and become attributes."""
        try:
            text = text_of(one.getMessage())
        except Exception:  # noqa: BLE001 - a mistake in the call, or of a foreign __str__
            self.handleError(one)
            attributes["args"] = text_of(one.args)
            text = text_of(one.msg)
        if one.exc_text and not one.exc_info:
            text = f"{text}\n{one.exc_text}"
        return text

    def __repr__(self) -> str:
        level = logging.getLevelName(self.level)
        return f"AsynclogHandler({self._given!r}, level={level!r})"


class _Nesting(threading.local):
    """How many lines of a thread are being made, one inside the other."""

    depth = 0


def install(
    builder: Entry | None = None,
    *,
    logger: str | None = None,
    level: int | str | None = None,
    label: str | Label = "logger",
    capture_warnings: bool = True,
) -> AsynclogHandler:
    """Have all that is logged with `logging` go to *builder*.

    An `AsynclogHandler` that the logger has already is replaced, so that no line comes twice; its
    other handlers stay.

    Args:
        builder: the logger of asynclog; None is the one that the process has opened last.
        logger: the name of the logger of `logging` that gets the handler; None is the root.
        level: set on that logger; None leaves it as it is: the root has WARNING by default.
        label: see `AsynclogHandler`.
        capture_warnings: whether warnings are logged, too, under the name `py.warnings`; only
            where that name leads to *logger*, for elsewhere they would be seen no more.

    Raises:
        ValueError: an argument cannot be used; then nothing has changed.
    """
    handler = AsynclogHandler(builder, label=label)
    one = logging.getLogger(logger)
    if level is not None:
        one.setLevel(level)
    _remove_from(one)
    one.addHandler(handler)
    if capture_warnings and one.name in _ABOVE_WARNINGS:
        logging.captureWarnings(capture=True)
    return handler


def uninstall(logger: str | None = None) -> None:
    """Remove each `AsynclogHandler` of a logger of `logging`, and leave its warnings to Python.

    Args:
        logger: its name; None is the root.
    """
    one = logging.getLogger(logger)
    _remove_from(one)
    if one.name in _ABOVE_WARNINGS:
        logging.captureWarnings(capture=False)


def _remove_from(one: logging.Logger) -> None:
    for handler in list(filter(is_own, one.handlers)):
        one.removeHandler(handler)
        handler.close()


def is_own(handler: logging.Handler) -> TypeGuard[AsynclogHandler]:
    """Whether *handler* is an `AsynclogHandler`, be it from before this module was reloaded."""
    return isinstance(handler, LetsGo)


def by_logger(record: logging.LogRecord) -> str:
    """Return the name of the logger."""
    return record.name


def by_task(record: logging.LogRecord) -> str:
    """Return the name of the task that logged, or of the logger where no task did."""
    if hasattr(record, "taskName"):  # as Python 3.12 has it
        return record.taskName or record.name
    return _origin(record).task_name or record.name


_LABELS: dict[str, Label] = {"logger": by_logger, "task": by_task}


def _time_ns(record: logging.LogRecord) -> int:
    """Return when the record was made; of one from elsewhere that does not say it, now."""
    try:
        return round(record.created * 1_000_000) * 1_000
    except (ArithmeticError, TypeError, ValueError):
        return time.time_ns()


def _level(record: logging.LogRecord, attributes: dict[str, Any]) -> int:
    """Return the level; one that is none is a warning's, and becomes an attribute."""
    level: Any = record.levelno
    if isinstance(level, int):
        return int(level)
    attributes["bad_level"] = text_of(level)
    return Level.WARNING.value


def _label(value: str | Label) -> Label:
    label = _LABELS.get(value) if isinstance(value, str) else value
    if not callable(label):
        allowed = "'logger', 'task' or a callable"
        raise ValueError(f"label: expected {allowed}, got {value!r}")  # noqa: TRY004 - a setting
    return label


def _origin(record: logging.LogRecord) -> Origin:
    """Return who logged, which is another thread or process where a queue lies between."""
    here = record.thread in (None, threading.get_ident())
    if here and record.process in (None, os.getpid()):
        return current_origin()
    return Origin(
        process_id=record.process or 0,
        process_name=record.processName or "",
        thread_id=record.thread or 0,
        native_id=0,
        thread_name=record.threadName or "",
        task_name=getattr(record, "taskName", None),
    )
