"""A server and client in one: drives an ASGI application by plain calls, on any loop."""

from __future__ import annotations

import asyncio
from itertools import count

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations.asgi import AsynclogMiddleware
from asynclog.testing import MemorySink

REQUEST = {"type": "http.request", "body": b"", "more_body": False}
LEFT = {"type": "http.disconnect"}


def scope_of(path="/", kind="http", **more):
    """Return the scope of a request."""
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.1", 5000),
        "scheme": "http",
        "http_version": "1.1",
        **more,
    }


class Client:
    """One connection: what it says, and what it was told."""

    def __init__(self, *messages):
        self.inbox = asyncio.Queue()
        self.sent = []
        self.say(*messages)

    def say(self, *messages):
        """Have the application receive *messages*."""
        for message in messages:
            self.inbox.put_nowait(message)

    async def receive(self):
        """Return the next message."""
        return await self.inbox.get()

    async def send(self, message):
        """Take what the application sends."""
        self.sent.append(message)

    @property
    def kinds(self):
        """The types of what was sent."""
        return [message["type"] for message in self.sent]


class Service:
    """An application behind the middleware, and what it has logged."""

    def __init__(self, app, **options):
        self.sink = MemorySink()
        handler = Handler(self.sink, formatter=PatternFormatter("[{label}]: {message}"))
        self.logger = BufferedLogger(1000, 60.0, handlers=handler)
        numbers = count(1)
        options = {"make_id": lambda: str(next(numbers)), "timer": _now, **options}
        self.middleware = AsynclogMiddleware(app, self.logger, **options)

    async def __aenter__(self):
        await self.logger.open()
        return self

    async def __aexit__(self, *error):
        await self.logger.aclose()

    async def request(self, path="/", client=None, **more):
        """Serve one request, and return its client; see `scope_of`."""
        client = client or Client(REQUEST)
        await self.middleware(scope_of(path, **more), client.receive, client.send)
        return client

    async def lines(self):
        """Return all lines so far."""
        await self.logger.flush()
        return self.sink.lines

    async def last(self):
        """Return the attributes of the last record."""
        await self.logger.flush()
        return self.sink.records[-1].attributes


def _now():
    return asyncio.get_running_loop().time()


def start(status=200, headers=()):
    """Return the message that begins a response."""
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data=b"", more=False):
    """Return a message with a part of a response."""
    return {"type": "http.response.body", "body": data, "more_body": more}


def answering(*messages):
    """Return an application that sends *messages*."""

    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    return app


hello = answering(start(), body(b"hello"))
