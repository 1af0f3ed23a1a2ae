"""ASGI middleware: a label for each request, and a line that tells how it went."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from ...redaction import Redactor
from ...scope import scope as attributes_of_lines
from .current import current
from .description import ON_EACH_LINE, Description
from .http import HttpExchange
from .identity import Labels, RequestIds
from .incoming import Incoming
from .life import life_of
from .lifespan import Lifespan
from .session import Session
from .websocket import WebsocketExchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...logger import BufferedLogger
    from .access import Exchange
    from .life import Factory
    from .signatures import Application, Receive, Scope, Send

SENDER_KEY = "asynclog.sender"
"""Where the scope of a request holds its sender; a request that has one is left alone."""
_PREFIXES = {"http": "http/", "websocket": "ws/"}
_REDACTOR = Redactor()


def _random_id() -> str:
    """Return 16 hexadecimal digits."""
    return secrets.token_hex(8)


class AsynclogMiddleware:
    """Gives each request a label of its own, and logs one line when it is done.

    The label is `http/ID` or `ws/ID`.  What is logged with `current_sender()` while a request is
    served comes out together under it; those lines, and those of other senders, carry *attributes*.
    What an application raises is logged with its traceback, in that one line, and goes out at once.

    Args:
        app: the application; any callable as ASGI 3 has it.
        logger: an open logger, which is yours to close; or a callable that makes one, which is
            opened when the application starts and closed when it has ended.
        id_header: the header that may hold a request's id; None for no header.  What is longer than
            128 characters, or holds others than letters, digits and `._:+/=@~-`, is replaced.
        trust_id: whether an id that a client has sent is taken; if not, each is made here.
        id_in_response: whether the response carries the id, in the same header.
        attributes: what all lines of a request carry: some of `request_id`, `method`, `path`,
            `query`, `client`, `host`, `scheme`, `http_version`.
        headers: names of request headers that the access line shows, as `header_user_agent`.
        redactor: takes secrets out of paths, queries and headers; None shows them as they are.
        make_id: makes the id of a request that has none.
        timer: returns seconds; durations are taken by it.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        app: Application,
        logger: BufferedLogger | Factory,
        *,
        id_header: str | None = "x-request-id",
        trust_id: bool = True,
        id_in_response: bool = False,
        attributes: Iterable[str] = ON_EACH_LINE,
        headers: Iterable[str] = (),
        redactor: Redactor | None = _REDACTOR,
        make_id: Callable[[], str] = _random_id,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        if id_in_response and id_header is None:
            raise ValueError("id_in_response: expected an id_header to put the id in, got None")
        header = None if id_header is None else id_header.lower().encode("latin-1")
        self.app = app
        self._life = life_of(logger)
        self._ids = RequestIds(header if trust_id else None, make_id)
        self._reply_header = header if id_in_response else None
        self._labels = Labels(make_id)
        self._description = Description(attributes, headers, redactor)
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, websocket or lifespan."""
        kind = scope["type"]
        if kind == "lifespan":
            await Lifespan(self.app, self._life, receive, send).serve(scope)
        elif kind in _PREFIXES and SENDER_KEY not in scope:
            await self._serve(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._exchange(scope)
        logger = await self._life.begin()
        headers = scope.get("headers", ())  # those who test applications leave them out
        request_id = self._ids.of(headers)
        label = self._labels.take(_PREFIXES[scope["type"]] + request_id)
        try:
            sender = logger.sender_with_label(label)
            incoming = Incoming(receive, headers)
            reply = self._reply_header and (self._reply_header, request_id.encode())
            session = Session(
                exchange, sender, incoming, send, timer=self._timer, reply=reply or None
            )
            token = current.set(sender)
            try:
                with attributes_of_lines(**self._description.on_each_line(scope, request_id)):
                    await session.run(self.app, {**scope, SENDER_KEY: sender})
            finally:
                current.reset(token)
        finally:
            self._labels.give_back(label)

    def _exchange(self, scope: Scope) -> Exchange:
        start = self._timer()
        path = self._description.path(scope)
        attributes = self._description.on_access_line(scope)
        if scope["type"] == "http":
            return HttpExchange(scope["method"], path, attributes, start)
        return WebsocketExchange(path, attributes, start)
