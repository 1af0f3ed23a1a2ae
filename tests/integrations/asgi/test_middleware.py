"""What a request leaves in the log."""

import asyncio

import pytest

from asynclog import BufferedLogger, Handler, Level
from asynclog.integrations.asgi import AsynclogMiddleware, current_sender
from asynclog.testing import Hang, MemorySink, ScriptedSink

from .client import REQUEST, Client, Service, answering, body, hello, scope_of, start

pytestmark = pytest.mark.virtual


async def slow(scope, receive, send):
    """Log before and after the others had their turn."""
    await current_sender().info("begin")
    await asyncio.sleep(1)
    await current_sender().info("end")
    await hello(scope, receive, send)


async def test_a_request_has_one_line_that_tells_how_it_went():
    """Method, path and status as text, and as values."""
    async with Service(hello) as service:
        await service.request("/a")
        assert await service.lines() == ["[http/1]: GET /a 200"]
        told = await service.last()
    assert told == {
        "status": 200,
        "bytes": 5,
        "duration": 0.0,
        "request_id": "1",
        "method": "GET",
        "path": "/a",
        "client": "192.0.2.1:5000",
    }


async def test_the_lines_of_each_request_come_together():
    """Although three were served at once."""
    async with Service(slow) as service:
        await asyncio.gather(*(service.request(f"/{i}") for i in (1, 2, 3)))
        lines = await service.lines()
    assert lines == [
        f"[http/{i}]: {text}" for i in (1, 2, 3) for text in ("begin", "end", f"GET /{i} 200")
    ]


async def test_code_in_a_thread_finds_the_sender_of_its_request():
    """As in `def` endpoints, which frameworks run in threads."""

    async def app(scope, receive, send):
        await asyncio.to_thread(lambda: current_sender().info("from a thread"))
        await hello(scope, receive, send)

    loop = asyncio.get_running_loop()
    loop.threads_at_work = 1
    async with Service(app) as service:
        await service.request()
        assert (await service.lines())[0] == "[http/1]: from a thread"


async def test_lines_of_other_senders_tell_which_request_they_belong_to():
    """A library with a label of its own."""
    service = Service(hello)

    async def app(scope, receive, send):
        await service.logger.sender_with_label("db").info("query")

    service.middleware.app = app
    async with service:
        await service.request("/a")
        await service.lines()
        attributes = service.sink.records[0].attributes
    assert attributes["path"] == "/a"


async def test_outside_a_request_there_is_no_sender():
    """The error says what to do about it; a default does it."""
    with pytest.raises(LookupError, match="give it a default"):
        current_sender()
    async with BufferedLogger(1, 1.0, handlers=Handler(MemorySink())) as builder:
        sender = builder.sender_with_label("main")
        assert current_sender(sender) is sender


async def test_after_a_request_its_sender_is_not_current_any_more():
    """The next code of the same task is none of its business."""
    async with Service(hello) as service:
        await service.request()
    with pytest.raises(LookupError):
        current_sender()


async def test_a_failure_goes_out_at_once_with_its_lines_and_traceback():
    """Nobody flushes, and no time passes."""

    async def app(scope, receive, send):
        await current_sender().info("begin")
        raise ZeroDivisionError("no")

    async with Service(app) as service:
        with pytest.raises(ZeroDivisionError):
            await service.request("/a")
        await asyncio.sleep(0.01)
        begin, line = service.sink.records
    assert (begin.message, line.message) == ("begin", "GET /a 500 failed")
    assert (line.level, line.exception.message) == (Level.ERROR, "no")


async def test_a_sink_that_hangs_holds_up_no_failing_request():
    """The flush is asked for, but not waited for."""
    sink = MemorySink()

    async def hang(batch):
        await asyncio.sleep(1000)

    sink.write = hang
    async with BufferedLogger(1000, 60.0, handlers=Handler(sink), close_timeout=1) as builder:
        middleware = AsynclogMiddleware(answering(start(500), body()), builder)
        client = Client()
        async with asyncio.timeout(1):
            await middleware(scope_of(), client.receive, client.send)
        assert client.kinds == ["http.response.start", "http.response.body"]


async def test_a_request_that_is_cancelled_has_its_line():
    """And the cancellation goes on."""
    async with Service(slow) as service:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(service.request("/a"), 0.5)
        assert (await service.lines())[-1] == "[http/1]: GET /a - cancelled"
        assert (await service.last())["duration"] == 0.5


async def test_a_cancelled_request_does_not_wait_for_room_in_the_log():
    """Its line is lost and counted, where the log is full and its sink hangs."""
    handler = Handler(ScriptedSink([Hang()]))
    async with BufferedLogger(1, 1.0, handlers=handler, capacity=1, close_timeout=1) as builder:
        middleware = AsynclogMiddleware(slow, builder)
        client = Client()
        task = asyncio.create_task(middleware(scope_of(), client.receive, client.send))
        await asyncio.sleep(0.5)
        task.cancel()
        async with asyncio.timeout(0.1):
            await asyncio.wait([task])
        assert task.cancelled()
        assert builder.statistics().dropped == 1


async def test_the_access_line_does_not_wait_for_a_background_task():
    """The response is complete; what comes later is told later."""

    async def app(scope, receive, send):
        await hello(scope, receive, send)
        await asyncio.sleep(100)
        await current_sender().info("mail sent")

    async with Service(app) as service:
        task = asyncio.create_task(service.request("/a"))
        await asyncio.sleep(1)
        assert await service.lines() == ["[http/1]: GET /a 200"]
        await task
        assert (await service.lines())[1:] == ["[http/1]: mail sent"]


async def test_an_id_from_the_header_is_taken():
    """It is the label, and an attribute."""
    async with Service(hello) as service:
        await service.request(headers=[(b"x-request-id", b"f3-17")])
        assert await service.lines() == ["[http/f3-17]: GET / 200"]
        assert (await service.last())["request_id"] == "f3-17"


async def test_two_requests_of_one_id_do_not_mix():
    """As where a client tries again too early; the attribute is what the client sent."""
    async with Service(slow) as service:
        headers = [(b"x-request-id", b"again")]
        await asyncio.gather(*(service.request(headers=headers) for _ in range(2)))
        labels = [line.split("]")[0] for line in await service.lines()]
    assert labels == ["[http/again"] * 3 + ["[http/again#1"] * 3
    assert {record.attributes["request_id"] for record in service.sink.records} == {"again"}


async def test_an_id_may_come_again():
    """Once its first request is done, it is the label again."""
    async with Service(hello) as service:
        for _ in range(2):
            await service.request(headers=[(b"x-request-id", b"again")])
        assert await service.lines() == ["[http/again]: GET / 200"] * 2


async def test_an_id_is_not_taken_from_those_who_are_not_trusted():
    """It is made here."""
    async with Service(hello, trust_id=False) as service:
        await service.request(headers=[(b"x-request-id", b"f3-17")])
        assert await service.lines() == ["[http/1]: GET / 200"]


async def test_the_response_carries_the_id_where_that_is_wanted():
    """In the same header, beside those of the application."""
    app = answering(start(headers=[(b"a", b"b")]), body())
    async with Service(app, id_in_response=True) as service:
        client = await service.request()
    assert client.sent[0]["headers"] == [(b"a", b"b"), (b"x-request-id", b"1")]


async def test_an_id_that_the_application_has_set_stays():
    """A header that comes twice helps nobody."""
    app = answering(start(headers=[(b"X-Request-ID", b"own")]), body())
    async with Service(app, id_in_response=True) as service:
        client = await service.request()
    assert client.sent[0]["headers"] == [(b"X-Request-ID", b"own")]


@pytest.mark.parametrize("name", [b"x-request-id", b"other", "text"])
async def test_headers_of_the_application_may_come_from_a_generator(name):
    """They all arrive, once, and what is no header is for the server to refuse."""
    message = {**start(), "headers": (pair for pair in [(name, b"own")])}
    async with Service(answering(message, body()), id_in_response=True) as service:
        client = await service.request()
    assert client.sent[0]["headers"][0] == (name, b"own")


async def test_a_scope_without_headers_is_served():
    """As tests of applications have it."""
    scope = {"type": "http", "method": "GET", "path": "/a"}
    async with Service(hello, headers=["host"], attributes=["host"]) as service:
        await service.middleware(scope, Client(REQUEST).receive, Client().send)
        assert await service.lines() == ["[http/1]: GET /a 200"]


async def test_a_request_that_has_a_sender_is_left_alone():
    """As where an application is mounted that has the middleware, too."""
    service = Service(hello)
    service.middleware.app = AsynclogMiddleware(hello, service.logger)
    async with service:
        await service.request("/a")
        assert await service.lines() == ["[http/1]: GET /a 200"]


async def test_kinds_of_connections_that_are_not_known_are_passed_on():
    """Whatever servers may come up with."""
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    async with Service(app) as service:
        await service.request(kind="quic.stream")
        assert (seen, await service.lines()) == (["quic.stream"], [])


async def test_the_scope_of_the_server_is_not_changed():
    """A middleware owns only what it passes on."""
    async with Service(hello) as service:
        scope = scope_of()
        client = Client()
        await service.middleware(scope, client.receive, client.send)
    assert scope == scope_of()


async def test_a_logger_that_is_closed_costs_the_lines_but_not_the_response(capsys):
    """The line that would have been is told on stderr."""
    async with Service(hello) as service:
        await service.logger.aclose()
        client = await service.request("/a")
    assert client.kinds == ["http.response.start", "http.response.body"]
    assert "GET /a 200: not logged: LoggerClosed" in capsys.readouterr().err


async def test_a_websocket_is_labelled_as_such():
    """One line, at its end."""

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})

    async with Service(app, id_in_response=True) as service:
        client = await service.request("/chat", kind="websocket")
        assert await service.lines() == ["[ws/1]: WS /chat 1000"]
    assert client.sent[0]["headers"] == [(b"x-request-id", b"1")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"logger": 3}, "logger: expected a BufferedLogger, or a callable that makes one, got 3"),
        ({"attributes": ["path", "user"]}, "attributes: expected some of request_id, .*, got 'us"),
        ({"headers": "host"}, "headers: expected a list of names, got 'host'"),
        ({"id_header": None, "id_in_response": True}, "id_in_response: expected an id_header"),
    ],
)
async def test_a_wrong_option_is_told_when_the_middleware_is_made(options, message):
    """With what is allowed."""
    with pytest.raises(ValueError, match=message):
        AsynclogMiddleware(hello, **{"logger": BufferedLogger, **options})
