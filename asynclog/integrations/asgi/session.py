"""What stands between the server and the application during one request."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ... import fallback
from ...errors import AsynclogError
from .access import is_cancellation
from .told import mark_told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...senders import LogLineSender
    from .access import Exchange, Line
    from .incoming import Incoming
    from .signatures import Application, Message, Scope, Send

_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_flushes: set[asyncio.Task[None]] = set()
"""Flushes under way; a loop itself does not keep its tasks."""


class Session:
    """Passes messages on, and logs what the exchange has to tell of them.

    Args:
        exchange: follows the messages.
        sender: of the request.
        incoming: from the server.
        send: the server's.
        timer: returns seconds.
        reply: a header for the response, beside those of the application; None for none.
    """

    def __init__(
        self,
        exchange: Exchange,
        sender: LogLineSender,
        incoming: Incoming,
        send: Send,
        *,
        timer: Callable[[], float],
        reply: tuple[bytes, bytes] | None,
    ) -> None:
        self._exchange = exchange
        self._sender = sender
        self._incoming = incoming
        self._send_to_server = send
        self._timer = timer
        self._reply = reply

    async def run(self, application: Application, scope: Scope) -> None:
        """Have *application* serve the request; what it raises is logged, and raised again."""
        try:
            await application(scope, self._receive, self._send)
        except BaseException as error:
            line = self._exchange.end(error, self._timer())
            # One that was cancelled must not be held up, and one that is thrown away cannot be.
            await self._tell(line, patient=not is_cancellation(error))
            raise
        await self._tell(self._exchange.end(None, self._timer()))

    async def _receive(self) -> Message:
        message = await self._incoming.receive()
        self._exchange.received(message)
        return message

    async def _send(self, message: Message) -> None:
        if self._reply is not None and message["type"] in _STARTS:
            message = _with_header(message, self._reply)
        if self._exchange.ending(message) and self._incoming.client_left():
            self._exchange.client_left()
        try:
            await self._send_to_server(message)
        except OSError:
            self._exchange.client_left()
            raise
        line = self._exchange.sent(message, self._timer())
        if line is not None:
            await self._tell(line)

    async def _tell(self, line: Line | None, *, patient: bool = True) -> None:
        """Log *line*; a logger that takes none costs the line, but not the response.

        Args:
            line: None for nothing to log.
            patient: whether to wait where there is no room for it.
        """
        if line is None:
            return
        try:
            taken = self._sender.log(line.level, line.message, **line.attributes)
            if patient:
                await taken
            if "exc_info" in line.attributes:
                mark_told(line.attributes["exc_info"])
            if line.urgent:
                _flush_soon(self._sender)
        except AsynclogError as error:
            fallback.tell(f"{line.message}: not logged: {fallback.reason_of(error)}")


def _with_header(message: Message, header: tuple[bytes, bytes]) -> Message:
    """Return *message* with *header*, unless the application has set it."""
    headers = list(message.get("headers") or ())  # perhaps of a generator, which is used up now
    if not any(_lower(name) == header[0] for name, _ in headers):
        headers.append(header)
    return {**message, "headers": headers}


def _lower(name: object) -> bytes | None:
    """Return the name of a header in lower case; None of what the server will refuse."""
    return bytes(name).lower() if isinstance(name, bytes | bytearray | memoryview) else None


def _flush_soon(sender: LogLineSender) -> None:
    """Have the lines of *sender* go out now, without waiting until they are written."""
    task = asyncio.get_running_loop().create_task(_flush(sender), name="asynclog flush")
    _flushes.add(task)
    task.add_done_callback(_flushes.discard)


async def _flush(sender: LogLineSender) -> None:
    with suppress(AsynclogError):  # the logger itself tells of sinks that fail
        await sender.flush()
