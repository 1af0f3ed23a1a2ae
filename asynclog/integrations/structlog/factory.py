"""Makes what structlog's loggers wrap."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ... import current
from ...errors import LoggerClosed, LoggerNotOpen
from ...messages import text_of
from ..backlog import Backlog
from .logger import ROOT, Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...logger import BufferedLogger
    from ...records import Record
    from ...senders import LogLineSender

CAPACITY = 10_000
"""Lines that are kept until the logger is open; of more, the latest."""
MAX_SENDERS = 1024
"""Labels whose senders a factory keeps at hand; when there are more, it begins anew."""


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
