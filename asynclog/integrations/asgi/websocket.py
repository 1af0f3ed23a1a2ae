"""How a websocket went: pure, from its messages alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...levels import Level
from .access import Line, is_cancellation, size_of, status_of, tells_of_disconnect

if TYPE_CHECKING:
    from .signatures import Message

ABNORMAL = 1006
"""Stands for a code where the client left without one (RFC 6455, 7.4.1)."""
NORMAL = 1000
"""The code of a close that says nothing else."""
FAILED = 1011
"""The code that servers close with when an application fails."""
REJECTED = 403
"""What servers answer when an application closes what it has not accepted."""


class WebsocketExchange:
    """Follows one websocket, which gets one line, at its end.

    Args:
        path: as it may be shown.
        attributes: of the access line, beside the figures.
        start: time at which the client asked for it, in seconds.
    """

    def __init__(self, path: str, attributes: dict[str, Any], start: float) -> None:
        self._path = path
        self._attributes = attributes
        self._start = start
        self._accepted = False
        self._status: int | None = None
        self._code: int | None = None
        self._left = False
        self._figures = {"received": 0, "bytes_received": 0, "sent": 0, "bytes_sent": 0}

    def received(self, message: Message) -> None:
        """Take note of what the application gets."""
        kind = message["type"]
        if kind == "websocket.receive":
            self._count("received", message)
        elif kind == "websocket.disconnect" and self._code is None:
            self._left = True
            self._code = message.get("code", 1005)

    def ending(self, message: Message) -> bool:
        """Whether to look for the client once more; a websocket's end comes as a message."""
        return False

    def sent(self, message: Message, now: float) -> None:
        """Take note of what the server got."""
        kind = message["type"]
        if kind == "websocket.send":
            self._count("sent", message)
        elif kind == "websocket.accept":
            self._accepted = True
        elif kind == "websocket.http.response.start":
            self._status = status_of(message)
        elif kind == "websocket.close" and not self._accepted:
            self._status = REJECTED
        elif kind == "websocket.close" and self._code is None:
            self._code = message.get("code", NORMAL)

    def client_left(self) -> None:
        """Take note that the client is not there any more."""
        self._left = True
        self._code = ABNORMAL if self._code is None else self._code

    def end(self, error: BaseException | None, now: float) -> Line:
        """Return the access line, when the application has returned, or raised *error*."""
        if self._left and tells_of_disconnect(error):
            error = None
        level, outcome = self._outcome(error)
        code = FAILED if outcome == "failed" and self._code is None else self._code
        what = code if self._status is None else self._status
        message = f"WS {self._path} {'-' if what is None else what}"
        attributes = {
            "status": self._status,
            "code": code,
            **self._figures,
            "duration": round(now - self._start, 6),
            **self._attributes,
        }
        if outcome == "failed":
            attributes["exc_info"] = error
        if outcome is None:
            return Line(level, message, attributes)
        attributes["outcome"] = outcome
        return Line(level, f"{message} {outcome}", attributes)

    def _outcome(self, error: BaseException | None) -> tuple[Level, str | None]:
        """Return how much the end matters, and what it was, if it was not an ordinary close."""
        if is_cancellation(error) and not self._left:
            return Level.WARNING, "cancelled"
        if error is not None and not is_cancellation(error):
            return Level.ERROR, "failed"
        if self._status is not None:
            return Level.INFO, "rejected"
        if self._left and (self._code == ABNORMAL or not self._accepted):
            return Level.INFO, "disconnected"
        return (Level.INFO, None) if self._accepted else (Level.ERROR, "incomplete")

    def _count(self, direction: str, message: Message) -> None:
        text, data = message.get("text"), message.get("bytes")
        size = size_of(text if data is None else data)
        self._figures[direction] += 1
        self._figures[f"bytes_{direction}"] += size
