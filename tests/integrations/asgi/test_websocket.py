"""How a websocket went, told from its messages alone."""

import asyncio

import pytest

from asynclog import Level
from asynclog.integrations.asgi.websocket import WebsocketExchange

ACCEPT = {"type": "websocket.accept"}
REJECT = [{"type": "websocket.http.response.start", "status": 401}]


class WebSocketDisconnect(Exception):  # noqa: N818 - its name is what matters
    """As frameworks have it."""


def close(code=1000):
    """Return the message with which an application ends it."""
    return {"type": "websocket.close", "code": code}


def left(code):
    """Return the message that tells that the client has ended it."""
    return {"type": "websocket.disconnect", "code": code}


def end(*messages, error=None):
    """Return the line of a websocket that ends after *messages*, each a second after the last."""
    one = WebsocketExchange("/chat", {}, 0.0)
    for second, message in enumerate(messages, 1):
        if message["type"] in {"websocket.receive", "websocket.disconnect", "websocket.connect"}:
            one.received(message)
        else:
            assert not one.ending(message)
            assert one.sent(message, second) is None
    return one.end(error, len(messages))


def test_the_line_counts_messages_and_bytes():
    """In both directions."""
    line = end(
        {"type": "websocket.connect"},
        ACCEPT,
        {"type": "websocket.receive", "text": "hé"},
        {"type": "websocket.receive", "bytes": b"abcd", "text": None},
        {"type": "websocket.send", "text": "x"},
        close(),
    )
    assert line.message == "WS /chat 1000"
    assert line.attributes == {
        "status": None,
        "code": 1000,
        "received": 2,
        "bytes_received": 7,
        "sent": 1,
        "bytes_sent": 1,
        "duration": 6.0,
    }


@pytest.mark.parametrize(
    ("messages", "error", "level", "expected"),
    [
        ([ACCEPT, left(1001)], None, Level.INFO, "WS /chat 1001"),
        ([ACCEPT, left(1001)], WebSocketDisconnect(), Level.INFO, "WS /chat 1001"),
        ([ACCEPT, left(1006)], None, Level.INFO, "WS /chat 1006 disconnected"),
        ([ACCEPT, left(1000)], asyncio.CancelledError(), Level.INFO, "WS /chat 1000"),
        ([left(1006)], None, Level.INFO, "WS /chat 1006 disconnected"),
        ([close()], None, Level.INFO, "WS /chat 403 rejected"),
        (REJECT, None, Level.INFO, "WS /chat 401 rejected"),
        ([ACCEPT], ValueError(), Level.ERROR, "WS /chat 1011 failed"),
        ([ACCEPT, left(1001)], ValueError(), Level.ERROR, "WS /chat 1001 failed"),
        ([ACCEPT], asyncio.CancelledError(), Level.WARNING, "WS /chat - cancelled"),
        ([ACCEPT], None, Level.INFO, "WS /chat -"),
        ([], None, Level.ERROR, "WS /chat - incomplete"),
        ([ACCEPT, left(1001), close()], None, Level.INFO, "WS /chat 1001"),
        ([ACCEPT, close(4000), left(1006)], None, Level.INFO, "WS /chat 4000"),
    ],
)
def test_each_end_has_one_honest_line(messages, error, level, expected):
    """Who closed it first decides the code."""
    line = end(*messages, error=error)
    assert (line.level, line.message) == (level, expected)
    assert ("exc_info" in line.attributes) == expected.endswith("failed")


def test_a_failed_write_means_that_the_client_left():
    """Without a code of its own, it has left abnormally."""
    one = WebsocketExchange("/chat", {}, 0.0)
    one.sent(ACCEPT, 1.0)
    one.client_left()
    assert one.end(OSError(), 2.0).message == "WS /chat 1006 disconnected"
