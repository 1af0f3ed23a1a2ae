"""The line that tells how a request went."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ...levels import Level

if TYPE_CHECKING:
    from .signatures import Message


class Line(NamedTuple):
    """What is to be logged."""

    level: Level
    message: str
    attributes: dict[str, Any]

    @property
    def urgent(self) -> bool:
        """Whether the lines of the request are to go out at once."""
        return self.level >= Level.ERROR


class Exchange(Protocol):
    """Follows the messages of one request or connection, and decides what there is to tell."""

    def received(self, message: Message, /) -> None:
        """Take note of what the application gets."""
        ...

    def ending(self, message: Message, /) -> bool:
        """Whether *message*, about to be sent, is the last of a response that went well so far."""
        ...

    def sent(self, message: Message, now: float, /) -> Line | None:
        """Take note of what the server got; return the access line if it is time for it."""
        ...

    def client_left(self) -> None:
        """Take note that the client is not there any more."""
        ...

    def end(self, error: BaseException | None, now: float, /) -> Line | None:
        """Return what is left to tell when the application has returned, or raised *error*."""
        ...


def is_cancellation(error: BaseException | None) -> bool:
    """Whether the application was stopped, rather than failed."""
    return isinstance(error, (asyncio.CancelledError, GeneratorExit))


def tells_of_disconnect(error: BaseException | None) -> bool:
    """Whether *error* is how servers and frameworks tell an application that its client left.

    They have no class in common but that of the failed write: `ClientDisconnect`,
    `WebSocketDisconnect`, `ClientDisconnected`.
    """
    if isinstance(error, BaseExceptionGroup):  # of a task group in the application
        return all(map(tells_of_disconnect, error.exceptions))
    return isinstance(error, OSError) or "Disconnect" in type(error).__name__


def status_of(message: Message) -> int | None:
    """Return the status of a response; None where it is none, which is for the server to say."""
    status = message.get("status")
    return status if isinstance(status, int) else None


def size_of(content: object) -> int:
    """Return how many bytes a server that takes *content* sends for it."""
    if isinstance(content, str):
        return len(content.encode("utf-8", "replace"))
    return len(content) if isinstance(content, bytes | bytearray | memoryview) else 0
