"""Lines that come when their logger is not open."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ...attributes import combine
from ...errors import LoggerClosed, LoggerNotOpen
from ...origins import current_origin
from ...records import Record
from ...scope import INSIDE_PIPELINE, surroundings
from .callers import caller

if TYPE_CHECKING:
    from ...senders import LogLineSender
    from ...tracebacks import ExceptionInfo

UNAVAILABLE = (LoggerClosed, LoggerNotOpen)
"""What a sender raises that does not take a line."""


def late_record(
    sender: LogLineSender,
    level: int,
    message: str,
    attributes: dict[str, Any],
    exception: ExceptionInfo | None = None,
) -> Record:
    """Return the record of a line that *sender* did not take."""
    scope = surroundings.get()
    return Record(
        time.time_ns(),
        level,
        sender.label,
        message,
        current_origin(),
        combine(attributes, None, None if scope is INSIDE_PIPELINE else scope),
        exception=exception,
        caller=caller(),
    )
