"""The logger's life, tied to that of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .current import current

if TYPE_CHECKING:
    from ...senders import LogLineSender
    from .life import Life
    from .signatures import Application, Message, Receive, Scope, Send

_BOTH = 2
LABEL = "lifespan"
"""The label of what is logged while the application starts and ends."""


class Lifespan:
    """Serves one lifespan: the logger is opened before the application starts, and closed after.

    An application that does not speak of its lifespan loses nothing: the server is then answered
    here, so that the logger is closed in time.

    Args:
        application: the one behind the middleware.
        life: of the logger.
        receive: the server's.
        send: the server's.
    """

    def __init__(self, application: Application, life: Life, receive: Receive, send: Send) -> None:
        self._application = application
        self._life = life
        self._receive_from_server = receive
        self._send_to_server = send
        self._asked = 0  # how many of the server's two messages the application has received
        self._answered = False
        self._ended = False
        self._sender: LogLineSender

    async def serve(self, scope: Scope) -> None:
        """Return when the application has ended.

        Raises:
            Exception: what opening the logger, or the application, has raised.
        """
        try:
            logger = await self._life.begin()
        except Exception as error:
            await self._fail(error)
            raise
        self._sender = logger.sender_with_label(LABEL)
        token = current.set(self._sender)
        try:
            await self._serve(scope)
        finally:
            current.reset(token)
            await self._life.end()

    async def _fail(self, error: Exception) -> None:
        """Have the server not start: most go on without an application that only raises."""
        await self._receive_from_server()
        message = f"the logger cannot be opened: {error}"
        await self._send_to_server({"type": "lifespan.startup.failed", "message": message})

    async def _serve(self, scope: Scope) -> None:
        try:
            await self._application(scope, self._receive, self._send)
        except Exception as error:
            if self._answered:
                raise
            if self._asked:
                await self._sender.warning(
                    "the application failed before it answered to its start; going on without it",
                    exc_info=error,
                )
        if not self._ended:
            await self._stand_in()

    async def _receive(self) -> Message:
        message = await self._receive_from_server()
        self._asked += 1
        return message

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if not kind.startswith("lifespan."):  # an application that takes it for a request
            await self._send_to_server(message)
            return
        self._answered = True
        if kind.endswith(".failed"):
            await self._sender.critical("{}: {}", kind, message.get("message", ""))
        if kind != "lifespan.startup.complete":
            self._ended = True
            await self._life.end()  # before the server, which is told now, ends the process
        await self._send_to_server(message)

    async def _stand_in(self) -> None:
        """Answer in place of the application, which need not stay for the end."""
        if self._asked == 0:
            await self._receive_from_server()
        if not self._answered:
            await self._send_to_server({"type": "lifespan.startup.complete"})
        if self._asked < _BOTH:
            await self._receive_from_server()
        await self._send({"type": "lifespan.shutdown.complete"})
