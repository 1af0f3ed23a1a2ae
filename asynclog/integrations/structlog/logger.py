"""What structlog's loggers wrap."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from structlog import get_config

from ...levels import Level, level_name
from ...waiting import ACCEPTED
from .callers import caller
from .events import event_dict, is_simple, parts_of
from .late import UNAVAILABLE, late_record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...records import Record
    from ...senders import LogLineSender
    from ...tracebacks import ExceptionInfo

    Done: TypeAlias = Awaitable[None]
    LogMethod: TypeAlias = Callable[..., Done]

ROOT = "root"
"""The name of a logger that was given none."""
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
        return self._log(level, event if type(event) is dict else event_dict(event, args, values))

    alog = log

    def _log(self, level: int, event: dict[Any, Any]) -> Done:
        sender = self.only_sender or self._find()
        if is_simple(event):
            message = event.pop("event", "")
            if type(message) is str:
                # Copied, it takes half the memory: `event` made its table grow, and left a hole.
                return self._take(sender, level, message, {**event}, None)
            event["event"] = message
        if not sender.takes(level):
            return ACCEPTED
        return self._take(sender, level, *parts_of(event, level, sender.label))

    def _take(
        self,
        sender: LogLineSender,
        level: int,
        message: str,
        attributes: dict[str, Any],
        exception: ExceptionInfo | None,
    ) -> Done:
        try:
            return sender.take(level, message, attributes, exception, caller)
        except UNAVAILABLE:
            self.keep(late_record(sender, level, message, attributes, exception))
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
            event = event_dict(event, args, values)
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


def method_for(level: int) -> str:
    """Return the method for *level*, or that below it where it is between two."""
    return next((name for one, name in _NAMES.items() if one <= level), "trace")


def _logger_of_name(name: str) -> Any:
    return get_config()["logger_factory"](name)
