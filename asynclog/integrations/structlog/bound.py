"""Classes of loggers that carry context, for `wrapper_class`."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from structlog import BoundLoggerBase, DropEvent, get_logger
from structlog.contextvars import merge_contextvars

from ...levels import level_name, parse_level
from ...waiting import ACCEPTED
from ...weight import is_light
from .callers import caller
from .events import SPECIAL, interpolated
from .late import UNAVAILABLE, late_record
from .logger import METHODS, ROOT, Logger, method_for
from .renderer import AsynclogRenderer

if TYPE_CHECKING:
    from structlog.typing import WrappedLogger

    from ...senders import LogLineSender
    from .logger import Done, LogMethod


class _BoundLogger(BoundLoggerBase):
    """Carries context; its methods for levels are added by `make_filtering_bound_logger`.

    Where the chain is no more than `merge_contextvars` and `AsynclogRenderer`, there is no need to
    run it to know what comes out: then lines go directly to the sender.
    """

    def __init__(self, logger: WrappedLogger, processors: Any, context: Any) -> None:
        super().__init__(logger, processors, context)
        chain = list(processors)
        self._merges = chain[:1] == [merge_contextvars]
        short = [type(one) for one in chain[self._merges :]] == [AsynclogRenderer]
        plain = type(context) is dict and SPECIAL.isdisjoint(context) and "event" not in context
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
            event = interpolated(event, args)
        try:
            given, named = self._process_event(name, event, values)
        except DropEvent:
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
    return get_logger(name, **context)


def _bound_method(name: str, level: int) -> LogMethod:
    """Return the method *name* of a bound logger."""

    def method(self: _BoundLogger, event: Any = None, *args: Any, **values: Any) -> Done:
        if name == "exception":
            values.setdefault("exc_info", True)
        sender = self._direct
        if sender is None or type(event) is not str or args or not SPECIAL.isdisjoint(values):
            return self._send(name, event, args, values)
        attributes = {**self._context, **values}
        light = self._light and not values
        if self._merges:
            merge_contextvars(None, name, attributes)
            light = light and len(attributes) == len(self._context)
        try:
            return sender.take(level, event, attributes, None, caller, light=light)
        except UNAVAILABLE:
            self._logger.keep(late_record(sender, level, event, attributes))
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
        return self._send(method_for(level), event, args, values, level)

    methods: dict[str, Any] = {"log": log, "alog": log}
    for name, level in METHODS.items():
        method = _bound_method(name, level) if level >= lowest else _filtered
        methods[name] = methods[f"a{name}"] = method
    methods["is_enabled_for"] = lambda _self, level: level >= lowest
    methods["get_effective_level"] = lambda _self: lowest
    return type(f"BoundLoggerAt{level_name(lowest).capitalize()}", (_BoundLogger,), methods)
