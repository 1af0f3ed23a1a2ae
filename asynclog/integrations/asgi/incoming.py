"""What the server has for the application, and whether the client is still there."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from inspect import CO_COROUTINE
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .signatures import Message, Receive

DISCONNECT = "http.disconnect"
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding", b"expect"})


class Incoming:
    """Receives from the server, and can look ahead without taking anything from the application.

    Servers tell that a client has left only to an application that asks, and swallow what is sent
    to it from then on; an application that answers an ordinary request does not ask.

    Args:
        receive: the server's.
        headers: of the request.
    """

    def __init__(self, receive: Receive, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._receive = receive
        self._ahead: deque[Message] = deque()
        self._waiting = 0
        # A body that the application does not read is none of our business: to ask for it could
        # make the client send it.
        self._unread = any(name in _BODY_HEADERS for name, _ in headers)

    async def receive(self) -> Message:
        """Return the next message, as the server's own `receive` does."""
        if self._ahead:
            return self._ahead.popleft()
        self._waiting += 1
        try:
            message = await self._receive()
        finally:
            self._waiting -= 1
        self._unread = bool(message.get("more_body", False))
        return message

    def client_left(self) -> bool:
        """Tell whether the server already knows that the client has left."""
        if self._unread or self._waiting or not _is_async_def(self._receive):
            return False
        for _ in range(2):  # the end of the request's body may come first
            message = self._next_at_hand()
            if message is None or message.get("more_body", False):
                break
            if message["type"] == DISCONNECT:
                return True
        return False

    def _next_at_hand(self) -> Message | None:
        """Return the next message if there is one now, without waiting; it is kept for later.

        The server's coroutine is taken one step: it either returns at once, or is about to wait and
        is closed, as if it had been cancelled there.
        """
        steps: Any = self._receive()
        try:
            steps.send(None)
        except StopIteration as returned:
            self._ahead.append(returned.value)
            return self._ahead[-1]
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - the application, if it asks, gets to see it
            return None
        with suppress(Exception, asyncio.CancelledError):  # of a wrapper, broken off
            steps.close()
        return None


def _is_async_def(function: Any) -> bool:
    """Whether *function* is written in Python, as an `async def`; `inspect` takes longer."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code is not None and bool(code.co_flags & CO_COROUTINE)
