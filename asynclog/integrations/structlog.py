"""structlog in front, asynclog behind: event dicts become lines, written off the caller's way.

To be configured with `processors=[merge_contextvars, AsynclogRenderer()]`,
`wrapper_class=make_filtering_bound_logger("info")` and `logger_factory=LoggerFactory(logger)`.
"""

from __future__ import annotations

import sys
import time
from copy import deepcopy
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import current
from ..attributes import combine, exception_of
from ..errors import LoggerClosed, LoggerNotOpen
from ..formatters.default import default_formatter
from ..formatters.exceptions import render_exception
from ..formatters.isotime import IsoTime
from ..levels import Level, level_name, parse_level
from ..messages import text_of
from ..origins import current_origin
from ..records import Caller, Record
from ..scope import INSIDE_PIPELINE, surroundings
from ..waiting import ACCEPTED
from ..weight import is_light
from .backlog import Backlog

try:
    import structlog
    from structlog.contextvars import merge_contextvars
except ImportError:
    raise ImportError(
        "asynclog.integrations.structlog needs structlog: install asynclog-toolkit[structlog]"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from structlog.typing import EventDict, Processor, WrappedLogger

    from ..logger import BufferedLogger
    from ..senders import LogLineSender
    from ..tracebacks import ExceptionInfo

    Done: TypeAlias = Awaitable[None]
    LogMethod: TypeAlias = Callable[..., Done]

ROOT = "root"
"""The name of a logger that was given none."""
CAPACITY = 10_000
"""Lines that are kept until the logger is open; of more, the latest."""
MAX_SENDERS = 1024
"""Labels whose senders a factory keeps at hand; when there are more, it begins anew."""
METHODS = {
    "trace": Level.TRACE.value,
    "debug": Level.DEBUG.value,
    "info": Level.INFO.value,
    "msg": Level.INFO.value,
    "warning": Level.WARNING.value,
    "warn": Level.WARNING.value,
    "error": Level.ERROR.value,
    "exception": Level.ERROR.value,
    "critical": Level.CRITICAL.value,
    "fatal": Level.CRITICAL.value,
}
"""The methods of a logger, with their levels; each has a twin whose name begins with an `a`."""
_NAMES = {level: name for name, level in reversed(METHODS.items())}
"""The method for each level, highest level first."""

_SPECIAL = frozenset({"exc_info", "level", "logger", "positional_args", "stack_info"})
"""Keys, beside `event`, that mean something to structlog, and so may not be attributes."""
_TEXT = frozenset({str})
_UNAVAILABLE = (LoggerClosed, LoggerNotOpen)

_Where = structlog.processors.CallsiteParameter
_stack_of = structlog.processors.StackInfoRenderer(["asynclog."])
_NO_LOGGER: Any = None
_caller_of = structlog.processors.CallsiteParameterAdder(
    [_Where.PATHNAME, _Where.LINENO, _Where.QUAL_NAME], ["asynclog."]
)


class AsynclogRenderer:
    """The last processor of a chain: hands the event dict, as it is, to a `Logger`.

    There `event` becomes the message, `exc_info` the exception, and `stack_info` the attribute
    `stack`; all other keys are attributes, and keep their types.  Time, level, thread and task are
    the line's own: no processor need add them.
    """

    def __call__(
        self, logger: WrappedLogger, name: str, event_dict: EventDict
    ) -> tuple[tuple[dict[Any, Any]], dict[str, Any]]:
        """Return the arguments for the method *name* of *logger*."""
        return (event_dict if type(event_dict) is dict else dict(event_dict),), {}


class Logger:
    """What structlog's loggers wrap; made by `LoggerFactory`.

    A call never raises: what cannot be shown is marked in the line.  Lines that come before the
    logger is open are kept until it is; those that come after it has closed are written in the
    calling thread.  What a call returns may be awaited, to respect back-pressure.

    Args:
        name: what structlog's `add_logger_name` adds.
        find: returns the sender of a line that is logged now.
        keep: takes a line that the sender does not.
        only: the sender of all lines, if they have one.
    """

    disabled = False
    """As a logger of `logging` has it, for structlog's `filter_by_level`."""

    def __init__(
        self,
        name: str,
        find: Callable[[], LogLineSender],
        keep: Callable[[Record], object],
        only: LogLineSender | None = None,
    ) -> None:
        self.name = name
        self.keep = keep
        self.only_sender = only
        """The sender of all lines; None where each may have its own."""
        self._find = find

    def log(self, level: int, event: Any = None, /, *args: Any, **values: Any) -> Done:
        """Log at *level* what a chain of processors has made; or a text, with attributes."""
        return self._log(level, event if type(event) is dict else _event_dict(event, args, values))

    alog = log

    def _log(self, level: int, event: dict[Any, Any]) -> Done:
        sender = self.only_sender or self._find()
        if _TEXT.issuperset(map(type, event)) and _SPECIAL.isdisjoint(event):
            message = event.pop("event", "")
            if type(message) is str:
                # Copied, it takes half the memory: `event` made its table grow, and left a hole.
                return self._take(sender, level, message, {**event}, None)
            event["event"] = message
        if not sender.takes(level):
            return ACCEPTED
        attributes = {key if type(key) is str else text_of(key): event[key] for key in event}
        text = _interpolated(attributes.pop("event", ""), attributes.pop("positional_args", ()))
        exception = exception_of(attributes.pop("exc_info", None))
        _put_stack(attributes)
        _drop_known(attributes, level, sender.label)
        return self._take(sender, level, text, attributes, exception)

    def _take(
        self,
        sender: LogLineSender,
        level: int,
        message: str,
        attributes: dict[str, Any],
        exception: ExceptionInfo | None,
    ) -> Done:
        try:
            return sender.take(level, message, attributes, exception, _caller)
        except _UNAVAILABLE:
            self.keep(_late(sender, level, message, attributes, exception))
            return ACCEPTED

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - as in `logging`
        """Return whether lines at *level* are wanted."""
        return self._find().takes(level)

    is_enabled_for = isEnabledFor

    def getEffectiveLevel(self) -> int:  # noqa: N802 - as in `logging`
        """Return the lowest of the usual levels that is wanted."""
        return next((level.value for level in Level if self.isEnabledFor(level)), sys.maxsize)

    def __deepcopy__(self, _memo: object) -> Logger:
        """Be the same, as loggers of `logging` are."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Be the logger of that name in the process that unpickles it."""
        return _logger_of_name, (self.name,)

    def __repr__(self) -> str:
        return f"Logger({self.name!r})"


def _method(level: int, *, with_exception: bool = False) -> LogMethod:
    """Return a method of `Logger`."""

    def method(self: Logger, event: Any = None, /, *args: Any, **values: Any) -> Done:
        if type(event) is not dict:
            event = _event_dict(event, args, values)
        if with_exception:
            event.setdefault("exc_info", True)
        return self._log(level, event)

    method.__doc__ = f"Log at {level_name(level)}; see `Logger.log`."
    return method


for _name, _level in METHODS.items():
    for _twin in (_name, f"a{_name}"):
        _made = _method(_level, with_exception=_name == "exception")
        _made.__name__, _made.__qualname__ = _twin, f"Logger.{_twin}"
        setattr(Logger, _twin, _made)


def _logger_of_name(name: str) -> Any:
    return structlog.get_config()["logger_factory"](name)


def _event_dict(event: Any, args: tuple[Any, ...], values: dict[str, Any]) -> dict[Any, Any]:
    """Return the arguments of a call as a chain would leave them; some render to bytes."""
    if isinstance(event, bytes | bytearray):
        event = event.decode("utf-8", "backslashreplace")
    if args:
        values["positional_args"] = args
    return values if event is None else {**values, "event": event}


def _late(
    sender: LogLineSender,
    level: int,
    message: str,
    attributes: dict[str, Any],
    exception: ExceptionInfo | None = None,
) -> Record:
    """Return the record of a line that *sender* did not take: its logger is not open."""
    scope = surroundings.get()
    return Record(
        time.time_ns(),
        level,
        sender.label,
        message,
        current_origin(),
        combine(attributes, None, None if scope is INSIDE_PIPELINE else scope),
        exception=exception,
        caller=_caller(),
    )


def _interpolated(message: object, args: object) -> str:
    """Return the text of a line; where arguments do not fit, they stand behind it."""
    text = text_of(message)
    if type(args) is not tuple or not args:
        return text
    try:
        return text_of(text % (args[0] if len(args) == 1 and type(args[0]) is dict else args))
    except Exception:  # noqa: BLE001 - arguments may be anything
        return f"{text} <arguments: {', '.join(map(text_of, args))}>"


def _put_stack(attributes: dict[str, Any]) -> None:
    """Put the stack in the place of the wish for it."""
    wanted = attributes.pop("stack_info", None)
    if type(wanted) is str:  # one who knows `logging` has it already
        attributes["stack"] = wanted
    elif wanted is True:
        attributes["stack"] = _stack_of(None, "", {"stack_info": True})["stack"]


def _drop_known(attributes: dict[str, Any], level: int, label: str) -> None:
    """Remove what processors have added, but every line says anyway."""
    for key, known in (("level", level_name(level)), ("logger", label)):
        value = attributes.get(key)
        if type(value) is str and value.lower() == known.lower():
            del attributes[key]


def _caller() -> Caller:
    """Return the place outside structlog and this module from which a line is logged."""
    where: Any = _caller_of(_NO_LOGGER, "", {})
    return Caller(where[_Where.PATHNAME.value], where[_Where.LINENO.value], where["qual_name"])


class LoggerFactory:
    """Makes the loggers that structlog wraps, as in `configure(logger_factory=LoggerFactory(...))`.

    Args:
        logger: takes the lines.
        label: of all lines; a callable without parameters is asked at each call.  None is the name
            given to `get_logger`, or `root`.

    Raises:
        ValueError: *label* is none of these.
    """

    def __init__(
        self, logger: BufferedLogger, label: str | Callable[[], str] | None = None
    ) -> None:
        if not (label is None or isinstance(label, str) or callable(label)):
            raise ValueError(f"label: expected a str, a callable or None, got {label!r}")
        self._logger = logger
        self._label = label
        self._senders: dict[str, LogLineSender] = {}
        self._backlog = Backlog(CAPACITY, self._pass)
        current.follow(self)

    def __call__(self, *args: Any) -> Logger:
        """Return a logger; the first of *args*, if there is one, is its name."""
        name = text_of(args[0]) if args and args[0] is not None else ROOT
        if callable(self._label):
            return Logger(name, partial(self._sender_now, self._label, name), self._backlog.add)
        sender = self._sender(name if self._label is None else self._label)
        return Logger(name, lambda: sender, self._backlog.add, sender)

    def changed(self) -> None:
        """Hand over what was kept, if the logger is open now; see `current.Follower`."""
        self._backlog.release()

    def _pass(self, record: Record) -> bool:
        """Give *record* to the logger; return False if it cannot take it now."""
        try:
            self._sender(record.label).submit(record)
        except LoggerNotOpen:
            return False
        except LoggerClosed:
            return self._logger.write_directly(record)
        return True

    def _sender_now(self, label: Callable[[], str], name: str) -> LogLineSender:
        try:
            return self._sender(text_of(label()))
        except Exception:  # noqa: BLE001 - a user's function may fail, and the line is kept
            return self._sender(name)

    def _sender(self, label: str) -> LogLineSender:
        sender = self._senders.get(label)
        if sender is None:
            if len(self._senders) >= MAX_SENDERS:
                self._senders.clear()
            sender = self._senders[label] = self._logger.sender_with_label(label)
        return sender


class _BoundLogger(structlog.BoundLoggerBase):
    """Carries context; its methods for levels are added by `make_filtering_bound_logger`.

    Where the chain is no more than `merge_contextvars` and `AsynclogRenderer`, there is no need to
    run it to know what comes out: then lines go directly to the sender.
    """

    def __init__(self, logger: WrappedLogger, processors: Any, context: Any) -> None:
        super().__init__(logger, processors, context)
        chain = list(processors)
        self._merges = chain[:1] == [merge_contextvars]
        short = [type(one) for one in chain[self._merges :]] == [AsynclogRenderer]
        plain = type(context) is dict and _SPECIAL.isdisjoint(context) and "event" not in context
        self._light = plain and is_light(context)  # weighed once, not with each line
        self._direct: LogLineSender | None = None
        if short and plain and type(logger) is Logger:
            self._direct = logger.only_sender

    def _send(
        self,
        name: str,
        event: Any,
        args: tuple[Any, ...],
        values: dict[str, Any],
        level: int | None = None,
    ) -> Done:
        """Run the chain; what it drops is dropped.

        *level* is for a number that has no method; loggers of others take it for that of *name*.
        """
        if args:
            event = _interpolated(event, args)
        try:
            given, named = self._process_event(name, event, values)
        except structlog.DropEvent:
            return ACCEPTED
        logger = self._logger
        if level is not None and type(logger) is Logger:
            return logger.log(level, *given, **named)
        done: Done | None = getattr(logger, name)(*given, **named)
        return ACCEPTED if done is None else done

    def __copy__(self) -> _BoundLogger:
        """Return a logger of its own with the same context."""
        return self.bind()

    def __deepcopy__(self, memo: dict[int, Any]) -> _BoundLogger:
        """Return a logger with a copy of the context; the lines go the same way."""
        return self.bind(**deepcopy(dict(self._context), memo))

    def __reduce__(self) -> tuple[Any, ...]:
        """Be a logger of the same name and context in the process that unpickles it."""
        return _bound_anew, (getattr(self._logger, "name", ROOT), dict(self._context))


def _bound_anew(name: str, context: dict[str, Any]) -> Any:
    return structlog.get_logger(name, **context)


def _bound_method(name: str, level: int) -> LogMethod:
    """Return the method *name* of a bound logger."""

    def method(self: _BoundLogger, event: Any = None, *args: Any, **values: Any) -> Done:
        if name == "exception":
            values.setdefault("exc_info", True)
        sender = self._direct
        if sender is None or type(event) is not str or args or not _SPECIAL.isdisjoint(values):
            return self._send(name, event, args, values)
        attributes = {**self._context, **values}
        light = self._light and not values
        if self._merges:
            merge_contextvars(None, name, attributes)
            light = light and len(attributes) == len(self._context)
        try:
            return sender.take(level, event, attributes, None, _caller, light=light)
        except _UNAVAILABLE:
            self._logger.keep(_late(sender, level, event, attributes))
            return ACCEPTED

    return method


def _filtered(*_args: Any, **_values: Any) -> Done:
    """Do nothing: the level is not wanted."""
    return ACCEPTED


@lru_cache
def make_filtering_bound_logger(min_level: int | str) -> type[_BoundLogger]:
    """Return a class of loggers that take lines at *min_level* and above, for `wrapper_class`.

    It is structlog's function of the same name, with two differences: `ainfo` and its like run in
    the task that calls them, where structlog's go through a thread; and every method returns an
    awaitable that respects back-pressure.

    Args:
        min_level: a number or a name.

    Raises:
        ValueError: *min_level* is neither.
    """
    lowest = parse_level(min_level)

    def log(self: _BoundLogger, level: int, event: Any = None, *args: Any, **values: Any) -> Done:
        """Log at *level*; between two, processors see the name of the lower one."""
        if level < lowest:
            return ACCEPTED
        name = next((name for one, name in _NAMES.items() if one <= level), "trace")
        return self._send(name, event, args, values, level)

    methods: dict[str, Any] = {"log": log, "alog": log}
    for name, level in METHODS.items():
        method = _bound_method(name, level) if level >= lowest else _filtered
        methods[name] = methods[f"a{name}"] = method
    methods["is_enabled_for"] = lambda _self, level: level >= lowest
    methods["get_effective_level"] = lambda _self: lowest
    return type(f"BoundLoggerAt{level_name(lowest).capitalize()}", (_BoundLogger,), methods)


class StructlogFormatter:
    """A formatter that runs processors of structlog over each record; the last must render it.

    They find `event`, `level`, `logger` (the label), `timestamp` (ISO 8601, UTC), the attributes,
    and `exception`, the text of a traceback.  Where a processor fails, or drops what is a line
    already, the default formatter writes the line: none is lost.

    Args:
        *processors: the last returns text.

    Raises:
        ValueError: one cannot be called, or there is none.
    """

    def __init__(self, *processors: Processor) -> None:
        if not processors or not all(map(callable, processors)):
            raise ValueError(f"processors: expected at least one callable, got {processors!r}")
        self._processors = processors
        self._otherwise = default_formatter()
        self._time = IsoTime()

    def format(self, record: Record, /) -> str:
        """Return the text of *record*."""
        event: Any = {**(record.attributes or {})}
        name = level_name(record.level).lower()
        (time,) = self._time.texts((record.time_ns,))
        event |= {"event": record.message, "level": name, "logger": record.label, "timestamp": time}
        if record.exception is not None:
            event["exception"] = render_exception(record.exception)
        try:
            for process in self._processors:
                event = process(None, name, event)
            return str.__str__(event.decode() if isinstance(event, bytes) else event)
        except (Exception, structlog.DropEvent):  # noqa: BLE001 - may fail, or drop what is a line already
            return self._otherwise.format(record)

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return the text of each of *records*."""
        return [self.format(record) for record in records]
