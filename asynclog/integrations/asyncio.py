"""asyncio's own reports: failed tasks that nobody waited for, errors in callbacks, a stuck loop."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..fallback import name_of
from ..messages import text_of
from ..sinks.stdlib import free_name
from ..units import parse_seconds
from .stalls import StallWatch
from .stdlib import AsynclogHandler, by_task, is_own

if TYPE_CHECKING:
    from datetime import timedelta

    from ..current import Entry
    from .stdlib import Label

    Context = dict[str, Any]

current_task = by_task
"""The label of a line: the name of the task that it is about, or of the logger outside tasks."""

_TOLD_OTHERWISE = ("message", "exception", "source_traceback", "handle_traceback")
"""Keys of a report that are no attributes of its line."""

_installed: WeakKeyDictionary[asyncio.AbstractEventLoop, _Reports] = WeakKeyDictionary()


def install(
    builder: Entry | None = None,
    *,
    label: Label = current_task,
    slow_callback: float | timedelta | None = None,
) -> None:
    """Have what asyncio reports of the running loop go to *builder*.

    That is what goes to the loop's exception handler (exceptions of tasks that nobody retrieved,
    of callbacks, of transports), and what the logger `asyncio` says, as the warnings of debug mode
    do.  An exception handler that the loop has already is still called.

    Args:
        builder: the logger; None is the one that the process has opened last.
        label: returns the label of a `LogRecord`; see `AsynclogHandler`.
        slow_callback: seconds, or a `timedelta`, for which one step of a task may hold the loop up
            before a warning tells how long it was and where; None does not watch.  It costs a
            thread, and wakes the loop up twice in that time.

    Raises:
        ValueError: an argument cannot be used.
        RuntimeError: no loop runs.
    """
    loop = asyncio.get_running_loop()
    limit = None if slow_callback is None else parse_seconds(slow_callback, "slow_callback")
    handler = AsynclogHandler(builder, label=label)
    uninstall()
    for other in [one for one in _installed if one.is_closed()]:
        _installed.pop(other).end()
    _installed[loop] = _Reports(loop, handler, limit)


def uninstall() -> None:
    """Undo `install` on the running loop; without one, do nothing."""
    reports = _installed.pop(asyncio.get_running_loop(), None)
    if reports is not None:
        reports.end()


class _Reports:
    """Logs the reports of one loop.

    Args:
        loop: the running loop.
        handler: takes them as records of `logging`.
        limit: seconds for which the loop may be held up; None for any time.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, handler: AsynclogHandler, limit: float | None
    ) -> None:
        self._loop = loop
        self._handler = handler
        self._logger = logging.getLogger("asyncio")
        handler.addFilter(self._is_mine)
        self._logger.addHandler(handler)
        self._previous = loop.get_exception_handler()
        loop.set_exception_handler(self._report)
        self._watch = None if limit is None else StallWatch(loop, limit, self._tell_stall)

    def end(self) -> None:
        """Leave the loop as it was."""
        if self._watch is not None:
            self._watch.stop()
        if self._loop.get_exception_handler() == self._report:
            self._loop.set_exception_handler(self._previous)
        self._logger.removeHandler(self._handler)
        self._handler.close()

    def _is_mine(self, record: logging.LogRecord) -> bool:
        """Whether what the logger `asyncio` says is for this loop to tell, and none else does."""
        return _teller() is self and not self._is_told_above()

    def _is_told_above(self) -> bool:
        """Whether an `AsynclogHandler` of a parent gets what the logger `asyncio` says."""
        parent = self._logger.parent if self._logger.propagate else None
        while parent is not None:
            if any(map(is_own, parent.handlers)):
                return True
            parent = parent.parent if parent.propagate else None
        return False

    def _report(self, loop: asyncio.AbstractEventLoop, context: Context) -> None:
        """Log what the loop reports; see `loop.set_exception_handler`."""
        fields: Context = {
            free_name(text_of(key)): name_of(one)
            for key, one in context.items()
            if key not in _TOLD_OTHERWISE
        }
        made_at = context.get("source_traceback") or context.get("handle_traceback")
        if made_at:
            fields["created_at"] = f"{made_at[-1].filename}:{made_at[-1].lineno}"
        error = context.get("exception")
        if error is not None:
            fields["exc_info"] = (type(error), error, error.__traceback__)
        self._log(logging.ERROR, context.get("message") or "unhandled error", context, fields)
        if self._previous is not None:
            self._previous(loop, context)

    def _tell_stall(self, seconds: float, place: str | None) -> None:
        fields: Context = {} if place is None else {"at": place}
        self._log(logging.WARNING, f"the event loop was held up for {seconds:.3f} s", {}, fields)

    def _log(self, level: int, message: str, context: Context, fields: Context) -> None:
        record = logging.makeLogRecord({"name": self._logger.name, "msg": message, **fields})
        record.levelno, record.levelname = level, logging.getLevelName(level)
        task = context.get("task") or context.get("future")
        record.taskName = task.get_name() if isinstance(task, asyncio.Task) else None
        self._handler.emit(record)  # past the filter: it is for what `logging` brings


def _teller() -> _Reports | None:
    """Return who tells what is said here: the running loop's, or, outside loops, the last's."""
    try:
        return _installed.get(asyncio.get_running_loop())
    except RuntimeError:
        return next(reversed(list(_installed.values())), None)
