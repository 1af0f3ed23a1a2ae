"""How an HTTP request went: pure, from its messages alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...levels import Level
from .access import Line, is_cancellation, size_of, status_of, tells_of_disconnect

if TYPE_CHECKING:
    from .signatures import Message

FAILED = 500
"""From this status on, the service has failed; and what servers answer when an application does."""


class HttpExchange:
    """Follows one HTTP request.

    Its access line comes as soon as the response is complete, so that a background task which runs
    on does not hold it up.  A response of the 500s is the exception: what frameworks raise right
    behind it belongs to the same line.

    Args:
        method: of the request.
        path: as it may be shown.
        attributes: of the access line, beside the figures.
        start: time at which the request came, in seconds.
    """

    def __init__(self, method: str, path: str, attributes: dict[str, Any], start: float) -> None:
        self._method = method
        self._path = path
        self._attributes = attributes
        self._start = start
        self._status: int | None = None
        self._bytes = 0
        self._ended_at: float | None = None
        self._left = False
        self._told = False

    def received(self, message: Message) -> None:
        """Take note of what the application gets."""
        if message["type"] == "http.disconnect" and self._ended_at is None:
            self._left = True

    def ending(self, message: Message) -> bool:
        """Whether *message*, about to be sent, ends the response."""
        kind = message["type"]
        if kind == "http.response.body":
            return not message.get("more_body", False)
        return bool(kind == "http.response.pathsend")

    def sent(self, message: Message, now: float) -> Line | None:
        """Take note of what the server got; return the access line if the response is complete."""
        kind = message["type"]
        if kind == "http.response.start":
            self._status = status_of(message)
        elif kind == "http.response.body" and self._method != "HEAD":
            self._bytes += size_of(message.get("body"))
        if self._ended_at is not None or not self.ending(message):
            return None
        self._ended_at = now
        if self._status is not None and self._status >= FAILED:
            return None
        return self._access_line(Level.INFO, "disconnected" if self._left else None, None, now)

    def client_left(self) -> None:
        """Take note that the client is not there any more."""
        self._left = True

    def end(self, error: BaseException | None, now: float) -> Line | None:
        """Return what is left to tell when the application has returned, or raised *error*."""
        if self._told:
            return self._afterwards(error)
        if self._left and (error is None or is_cancellation(error) or tells_of_disconnect(error)):
            return self._access_line(Level.INFO, "disconnected", None, now)
        if is_cancellation(error):
            return self._access_line(Level.WARNING, "cancelled", None, now)
        if error is not None:
            self._status = FAILED if self._status is None else self._status
            return self._access_line(Level.ERROR, "failed", error, now)
        outcome = "incomplete" if self._ended_at is None else None
        return self._access_line(Level.ERROR, outcome, None, now)

    def _access_line(
        self, level: Level, outcome: str | None, error: BaseException | None, now: float
    ) -> Line:
        self._told = True
        ended_at = now if self._ended_at is None else self._ended_at
        message = f"{self._method} {self._path} {self._status or '-'}"
        attributes = {
            "status": self._status,
            "bytes": self._bytes,
            "duration": round(ended_at - self._start, 6),
            **self._attributes,
        }
        if error is not None:
            attributes["exc_info"] = error
        if outcome is None:
            return Line(level, message, attributes)
        attributes["outcome"] = outcome
        return Line(level, f"{message} {outcome}", attributes)

    def _afterwards(self, error: BaseException | None) -> Line | None:
        """Return what a background task has to tell, behind the access line."""
        if error is None or (self._left and tells_of_disconnect(error)):
            return None
        request = f"{self._method} {self._path}"
        if is_cancellation(error):
            return Line(Level.WARNING, f"{request}: cancelled after its response", {})
        return Line(Level.ERROR, f"{request}: failed after its response", {"exc_info": error})
