"""The logger's life, tied to that of the application."""

import asyncio

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations.asgi import AsynclogMiddleware, current_sender
from asynclog.testing import MemorySink

from .client import Client, hello, scope_of

pytestmark = pytest.mark.virtual
STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}


class Server:
    """Speaks of the lifespan of an application whose middleware opens its logger."""

    def __init__(self, app, **options):
        self.sink = MemorySink()
        self.loggers = []
        self.client = Client()
        self.written = []
        self.client.send = self._send
        self.middleware = AsynclogMiddleware(app, self._make)
        self.options = options

    def _make(self):
        handler = Handler(self.sink, formatter=PatternFormatter("[{label}]: {message}"))
        self.loggers.append(BufferedLogger(1000, 60.0, handlers=handler, **self.options))
        return self.loggers[-1]

    async def _send(self, message):
        self.client.sent.append(message)
        self.written.append(list(self.sink.lines))

    async def run(self, *messages):
        """Send *messages*, and return when the application has ended."""
        self.client.say(*messages)
        await self.middleware({"type": "lifespan"}, self.client.receive, self.client.send)

    async def request(self):
        """Serve one request."""
        client = Client()
        await self.middleware(scope_of(), client.receive, client.send)


async def polite(scope, receive, send):
    """Log at the start and at the end."""
    if scope["type"] == "http":
        await hello(scope, receive, send)
        return
    await receive()
    await current_sender().info("starting")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await current_sender().info("ending")
    await send({"type": "lifespan.shutdown.complete"})


async def test_all_is_written_before_the_server_hears_of_the_end():
    """It ends the process right then."""
    server = Server(polite)
    await server.run(STARTUP, SHUTDOWN)
    assert server.client.kinds == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert server.written == [[], ["[lifespan]: starting", "[lifespan]: ending"]]


async def test_after_the_lifespan_its_sender_is_not_current_any_more():
    """Its logger is closed."""
    await Server(polite).run(STARTUP, SHUTDOWN)
    with pytest.raises(LookupError):
        current_sender()


async def test_requests_use_the_logger_of_the_lifespan():
    """One is opened, and no other."""
    server = Server(polite)
    life = asyncio.create_task(server.run(STARTUP))
    await asyncio.sleep(1)
    await server.request()
    server.client.say(SHUTDOWN)
    await life
    assert len(server.loggers) == 1
    assert server.sink.lines[-1].endswith("GET / 200")


@pytest.mark.parametrize("heard", [1, 2])
async def test_an_application_need_not_stay_for_its_end(heard):
    """Requests go on to the same logger, and the server's end still closes it."""

    async def brief(scope, receive, send):
        if scope["type"] == "http":
            await hello(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        for _ in range(heard - 1):
            await receive()

    server = Server(brief)
    life = asyncio.create_task(server.run(STARTUP))
    await asyncio.sleep(1)
    await server.request()
    server.client.say(SHUTDOWN)
    await life
    assert server.client.kinds == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert (len(server.loggers), len(server.written[-1])) == (1, 1)


async def test_an_application_may_live_twice():
    """As in test clients; a logger itself is opened once."""
    server = Server(polite)
    for _ in range(2):
        await server.run(STARTUP, SHUTDOWN)
    assert len(server.sink.lines) == 4


async def test_a_start_that_fails_is_written():
    """With the reason that the application gives to the server."""

    async def app(scope, receive, send):
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    server = Server(app)
    await server.run(STARTUP)
    assert server.written == [["[lifespan]: lifespan.startup.failed: no database"]]


async def silent(scope, receive, send):
    """Serve requests only, and return."""


async def refusing(scope, receive, send):
    """Serve requests only, and raise."""
    raise ValueError("only http")


async def mistaken(scope, receive, send):
    """Serve everything as if it were a request; servers refuse the answer."""
    await hello(scope, receive, send)
    raise AssertionError("unexpected message")


@pytest.mark.parametrize("app", [silent, refusing, mistaken])
async def test_an_application_without_a_lifespan_gets_a_logger_all_the_same(app):
    """The server is answered in its place, and the logger is closed in time."""
    server = Server(app)
    await server.run(STARTUP, SHUTDOWN)
    kinds = [kind for kind in server.client.kinds if kind.startswith("lifespan")]
    assert kinds == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert repr(server.loggers[0]).endswith("closed)")


async def test_a_start_that_raises_without_an_answer_leaves_a_warning():
    """Servers go on without the application's lifespan; so does the middleware."""

    async def app(scope, receive, send):
        await receive()
        raise ValueError("oops")

    server = Server(app)
    await server.run(STARTUP, SHUTDOWN)
    (record,) = server.sink.records
    assert (record.level, record.exception.message) == (30, "oops")


async def test_what_is_raised_after_the_start_goes_to_the_server():
    """And the logger is closed."""

    async def app(scope, receive, send):
        await send({"type": "lifespan.startup.complete"})
        raise ValueError("oops")

    server = Server(app)
    with pytest.raises(ValueError, match="oops"):
        await server.run(STARTUP)
    assert repr(server.loggers[0]).endswith("closed)")


async def test_a_logger_that_cannot_be_opened_stops_the_service():
    """Servers would go on without a lifespan that only raises."""

    def broken():
        raise ValueError("logging.toml: no such file")

    client = Client(STARTUP)
    with pytest.raises(ValueError, match="no such file"):
        await AsynclogMiddleware(polite, broken)({"type": "lifespan"}, client.receive, client.send)
    assert client.sent == [
        {
            "type": "lifespan.startup.failed",
            "message": "the logger cannot be opened: logging.toml: no such file",
        }
    ]


async def test_a_logger_of_somebody_else_is_left_open():
    """As inside an `async with` of one's own."""
    async with BufferedLogger(1000, 60.0, handlers=Handler(MemorySink())) as builder:
        client = Client(STARTUP, SHUTDOWN)
        middleware = AsynclogMiddleware(polite, builder)
        await middleware({"type": "lifespan"}, client.receive, client.send)
        assert repr(builder).endswith("open)")


async def test_without_a_lifespan_the_first_request_opens_the_logger():
    """Some servers and tests do not speak of it."""
    server = Server(polite)
    await server.request()
    await server.request()
    (logger,) = server.loggers
    assert (await logger.aclose()).emitted == 2


def test_another_loop_gets_another_logger():
    """Test clients have one for each request; what the former logged is written."""
    server = Server(polite)
    for _ in range(2):
        asyncio.run(server.request())
    assert len(server.loggers) == 2
    assert len(server.sink.lines) == 1
    asyncio.run(server.loggers[1].aclose())
    assert len(server.sink.lines) == 2
