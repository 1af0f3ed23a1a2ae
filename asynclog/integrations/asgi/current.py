"""The sender of the request that is being served, for code deep inside."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...senders import LogLineSender

current: ContextVar[LogLineSender] = ContextVar("asynclog_current_sender")
"""Set by the middleware; tasks, and threads of `asyncio.to_thread`, inherit it."""


def current_sender(default: LogLineSender | None = None) -> LogLineSender:
    """Return the sender of the request, websocket or lifespan in which the caller runs.

    Args:
        default: what to return elsewhere; None for an error.

    Raises:
        LookupError: the caller runs elsewhere, and there is no default.
    """
    sender = current.get(default)
    if sender is None:
        raise LookupError(
            "current_sender: no request is being served here; use it inside AsynclogMiddleware,"
            " or give it a default"
        )
    return sender
