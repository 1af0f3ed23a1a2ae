"""One connection, watched."""

from __future__ import annotations

import asyncio
import socket

import anyio
import pytest

from asynclog.errors import SinkError
from asynclog.sinks.connection import PIECE, Connection, describe

pytestmark = pytest.mark.virtual


class Stream:
    """A stream whose peer's system takes bytes as it is told."""

    def __init__(self):
        self.sent = []
        self.end = asyncio.Event()
        self.failure = None
        self.closed = 0
        self._socket = socket.socket()

    async def send(self, piece):
        """Take a piece, or fail."""
        if self.failure:
            raise self.failure
        self.sent.append(piece)

    async def receive(self):
        """Wait for the end."""
        await self.end.wait()
        raise self.failure or anyio.EndOfStream

    async def aclose(self):
        """Count, and end the waiting."""
        self.closed += 1
        self.failure = anyio.ClosedResourceError()
        self.end.set()
        self._socket.close()

    def extra(self, _):
        """Return a socket that is not connected."""
        return self._socket


@pytest.fixture
async def stream():
    """A stream."""
    one = Stream()
    yield one
    one._socket.close()


@pytest.fixture
async def gone():
    """Why connections broke."""
    return []


@pytest.fixture
async def connection(stream, gone):
    """A connection over the stream, with 3 s of patience."""
    one = Connection(stream, 3, lambda broken: gone.append(broken.reason))
    yield one
    await one.aclose()


def takes(monkeypatch, connection, *left):
    """Have the peer's system leave so many bytes outstanding, one after the other."""
    answers = list(left)
    monkeypatch.setattr(
        connection, "outstanding", lambda: answers.pop(0) if answers[1:] else answers[0]
    )


async def test_a_write_waits_until_the_peer_s_system_has_taken_it(connection, monkeypatch):
    """It looks again after growing pauses."""
    takes(monkeypatch, connection, 10, 10, 5, 0)
    before = asyncio.get_running_loop().time()
    await connection.send([b"x"])
    assert asyncio.get_running_loop().time() - before == pytest.approx(0.0005 + 0.001 + 0.002)


async def test_a_slow_peer_is_not_given_up(connection, monkeypatch):
    """As long as it takes something now and then."""
    takes(monkeypatch, connection, *(left for left in range(50, -1, -1) for _ in range(100)))
    before = asyncio.get_running_loop().time()
    await connection.send([b"x"])
    assert asyncio.get_running_loop().time() - before > 60


async def test_a_peer_that_takes_nothing_is_given_up(connection, monkeypatch, gone, stream):
    """And its connection closed."""
    takes(monkeypatch, connection, 10)
    with pytest.raises(SinkError, match="the peer took nothing for 3 s"):
        await connection.send([b"x"])
    await asyncio.sleep(0.1)
    assert (gone, stream.closed) == (["the peer took nothing for 3 s"], 1)


async def test_large_records_go_in_pieces(connection, stream):
    """Each of which a slow peer must take in time."""
    await connection.send([b"a", b"x" * (2 * PIECE + 1), b"b"])
    assert [len(piece) for piece in stream.sent] == [1, PIECE, PIECE, 1, 1]


async def test_a_failing_write_breaks_the_connection(connection, stream, gone):
    """The error says why."""
    stream.failure = anyio.BrokenResourceError()
    stream.failure.__cause__ = ConnectionResetError(104, "Connection reset by peer")
    with pytest.raises(SinkError, match=r"ConnectionResetError: .*reset by peer"):
        await connection.send([b"x"])
    assert len(gone) == 1


async def test_the_end_is_noticed_by_reading(connection, stream, gone):
    """And told once."""
    stream.end.set()
    await asyncio.sleep(0.1)
    with pytest.raises(SinkError, match="the peer closed the connection"):
        await connection.send([b"x"])
    assert gone == ["the peer closed the connection"]


async def test_a_break_while_waiting_ends_the_wait(connection, stream, monkeypatch):
    """What is outstanding then will never be taken."""
    takes(monkeypatch, connection, 10)
    asyncio.get_running_loop().call_later(1, stream.end.set)
    with pytest.raises(SinkError, match="the peer closed the connection"):
        await connection.send([b"x"])


async def test_closing_is_no_break(connection, gone, stream):
    """It may be done twice."""
    await connection.aclose()
    await connection.aclose()
    assert (gone, stream.closed > 0) == ([], True)


async def test_closing_waits_only_so_long_for_the_peer(connection, stream, monkeypatch):
    """TLS wants an answer that may not come."""
    closing = stream.aclose

    async def slow():
        monkeypatch.setattr(stream, "aclose", closing)
        await asyncio.sleep(60)

    monkeypatch.setattr(stream, "aclose", slow)
    before = asyncio.get_running_loop().time()
    await connection.aclose()
    assert asyncio.get_running_loop().time() - before == pytest.approx(1)


async def test_a_socket_that_cannot_tell_has_nothing_outstanding(connection, stream):
    """It is closed, which will show."""
    stream._socket.close()
    assert connection.outstanding() == 0


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError("no"), "OSError: no"),
        (ValueError(), "ValueError"),
        (anyio.EndOfStream(), "EndOfStream"),
    ],
)
async def test_an_error_is_one_line(error, text):
    """Its type, and what it says."""
    assert describe(error) == text
