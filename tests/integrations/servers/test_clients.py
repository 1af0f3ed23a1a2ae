"""Clients that leave, that send what no id is, and that speak over a websocket."""

import asyncio
import json
import socket
import urllib.error

import pytest
import websockets

from .serving import HYPERCORN, UVICORN, access_lines, of_requests, serving

pytestmark = pytest.mark.slow
SERVERS = pytest.mark.parametrize("command", [UVICORN, HYPERCORN], ids=["uvicorn", "hypercorn"])


def request(server, head):
    """Send a request as it is given, and return the connection."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(head + b"\r\n\r\n")
    return connection


@SERVERS
def test_a_client_that_does_not_wait_has_an_honest_line(tmp_path, command):
    """The endpoint never asks whether it is still there, and answers in vain."""
    with serving(tmp_path, command) as server:
        with request(server, b"GET /slow HTTP/1.1\r\nHost: a"):
            server.wait_for(lambda: server.tally() == 1)
        server.stop()
        (line,) = access_lines(server.log())
    assert line["message"] == "GET /slow 200 disconnected"


@SERVERS
def test_a_stream_that_the_client_leaves_has_an_honest_line(tmp_path, command):
    """With the bytes that were sent until then."""
    with serving(tmp_path, command) as server:
        with request(server, b"GET /stream HTTP/1.1\r\nHost: a") as connection:
            received = b""
            while received.count(b"part") < 3:
                received += connection.recv(4096)
        server.wait_for(lambda: access_lines(server.log()))
        server.stop()
        (line,) = access_lines(server.log())
    assert line["message"] == "GET /stream 200 disconnected"
    assert line["bytes"] >= 15
    assert "exception" not in line


@SERVERS
def test_a_failure_has_one_line_with_its_traceback(tmp_path, command):
    """Even if the process is killed right after."""
    with serving(tmp_path, command) as server:
        with pytest.raises(urllib.error.HTTPError):
            server.get("/boom")
        server.wait_for(lambda: access_lines(server.log()))
        server.kill()
        begin, end, line = of_requests(server.log())
    assert (begin["message"], end["message"]) == ("begin", "end")
    assert (line["message"], line["status"]) == ("GET /boom 500 failed", 500)
    assert "ZeroDivisionError" in json.dumps(line)


BAD_IDS = [b"x" * 10_000, b"a b", b"\xc3\xa9\xff", b"a\tb", b'"}{"']


@SERVERS
def test_a_bad_id_is_replaced(tmp_path, command):
    """It gets neither into the label, nor into any other part of the line."""
    with serving(tmp_path, command, app="services:api") as server:
        answers = []
        for bad in BAD_IDS:
            with request(
                server, b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: " + bad
            ) as connection:
                answers.append(connection.recv(4096).decode("latin-1"))
        server.stop()
        made = [line["request_id"] for line in access_lines(server.log())]
        labels = {line["label"] for line in of_requests(server.log())}
    assert [len(one) for one in made] == [16] * len(BAD_IDS)
    assert labels == {f"http/{one}" for one in made}
    assert all(f"x-request-id: {one}\r\n" in text for one, text in zip(made, answers, strict=True))
    assert all(bad not in (tmp_path / "log").read_bytes() for bad in BAD_IDS)


@pytest.mark.parametrize(
    ("command", "expected"),
    [(UVICORN, "WS /echo 1000"), (HYPERCORN, "WS /echo 1006 disconnected")],
    ids=["uvicorn", "hypercorn"],
)
def test_a_websocket_has_one_line_at_its_end(tmp_path, command, expected):
    """With what went over it, and its code, which Hypercorn keeps to itself if the client closes."""

    async def talk(port):
        async with websockets.connect(f"ws://127.0.0.1:{port}/echo", proxy=None) as connection:
            for word in ("one", "three"):
                await connection.send(word)
                assert await connection.recv() == word

    with serving(tmp_path, command) as server:
        asyncio.run(talk(server.port))
        server.stop()
        (line,) = access_lines(server.log())
    assert line["message"] == expected
    figures = {name: line[name] for name in ("received", "bytes_received", "sent", "bytes_sent")}
    assert figures == {"received": 2, "bytes_received": 8, "sent": 2, "bytes_sent": 8}
