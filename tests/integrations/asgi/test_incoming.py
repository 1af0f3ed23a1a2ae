"""Whether the client is still there, without taking anything from the application."""

import asyncio

import pytest

from asynclog.integrations.asgi.incoming import Incoming

from .client import LEFT, REQUEST, Client, Service, body, start

pytestmark = pytest.mark.virtual
MORE = {"type": "http.request", "body": b"a", "more_body": True}
SIZED = [(b"content-length", b"5")]


@pytest.mark.parametrize(
    ("messages", "left"),
    [
        ([], False),
        ([REQUEST], False),
        ([REQUEST, REQUEST], False),
        ([REQUEST, LEFT], True),
        ([LEFT], True),
        ([MORE], False),
    ],
)
async def test_the_server_is_asked_without_waiting(messages, left):
    """And the application gets all the same what there was."""
    client = Client(*messages)
    incoming = Incoming(client.receive, [])
    assert incoming.client_left() is left
    assert [await incoming.receive() for _ in messages] == messages


async def test_a_body_that_nobody_reads_is_not_asked_for():
    """The server could tell the client to send it."""
    client = Client(REQUEST, LEFT)
    incoming = Incoming(client.receive, SIZED)
    assert not incoming.client_left()
    assert client.inbox.qsize() == 2


async def test_a_body_that_was_read_is_out_of_the_way():
    """Then only the end can come."""
    incoming = Incoming(Client(MORE, REQUEST, LEFT).receive, SIZED)
    await incoming.receive()
    assert not incoming.client_left()
    await incoming.receive()
    assert incoming.client_left()


async def test_nothing_is_asked_while_the_application_waits():
    """It will be told itself."""
    client = Client()
    incoming = Incoming(client.receive, [])
    waiting = asyncio.create_task(incoming.receive())
    await asyncio.sleep(0)
    client.say(LEFT)
    assert not incoming.client_left()
    assert await waiting == LEFT


async def test_looking_leaves_no_trace_in_the_server():
    """A look that found nothing takes nothing from the next."""
    client = Client()
    incoming = Incoming(client.receive, [])
    assert not incoming.client_left()
    client.say(REQUEST, LEFT)
    assert [await incoming.receive(), await incoming.receive()] == [REQUEST, LEFT]


async def test_a_server_that_raises_is_heard_by_the_application_only():
    """A look never fails."""

    async def receive():
        raise ConnectionError("gone")

    incoming = Incoming(receive, [])
    assert not incoming.client_left()
    with pytest.raises(ConnectionError):
        await incoming.receive()


@pytest.mark.parametrize("error", [asyncio.CancelledError, RuntimeError])
async def test_a_wrapper_that_does_not_stand_being_broken_off_does_no_harm(error):
    """It may belong to another middleware; the response goes on."""

    async def receive():
        try:
            await asyncio.sleep(1)
        except BaseException:
            raise error from None

    assert not Incoming(receive, []).client_left()


async def test_a_server_that_gives_up_is_heard_by_the_application_only():
    """It has cancelled its own waiting, not the request."""

    async def receive():
        raise asyncio.CancelledError

    assert not Incoming(receive, []).client_left()


async def test_a_server_in_another_language_is_not_looked_into():
    """Its awaitables cannot be taken one step."""

    def receive():
        raise AssertionError("not to be called")

    assert not Incoming(receive, []).client_left()


async def test_a_client_that_left_an_endpoint_that_never_asks_is_noticed():
    """The server swallows the answer, and the line says so."""

    async def app(scope, receive, send):
        await asyncio.sleep(5)
        await send(start())
        await send(body(b"late"))

    async with Service(app) as service:
        client = Client(REQUEST)
        task = asyncio.create_task(service.request("/slow", client))
        await asyncio.sleep(1)
        client.say(LEFT)
        await task
        assert await service.lines() == ["[http/1]: GET /slow 200 disconnected"]


async def test_an_application_that_listens_sees_the_client_leave():
    """And so does its line."""

    async def app(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass

    async with Service(app) as service:
        await service.request("/a", Client(MORE, REQUEST, LEFT))
        assert await service.lines() == ["[http/1]: GET /a - disconnected"]


async def test_a_write_that_fails_tells_that_the_client_left():
    """The application still sees the error."""

    async def app(scope, receive, send):
        await send(start())

    async def send(message):
        raise BrokenPipeError

    async with Service(app) as service:
        client = Client(REQUEST)
        client.send = send
        with pytest.raises(BrokenPipeError):
            await service.request("/a", client)
        assert await service.lines() == ["[http/1]: GET /a - disconnected"]
