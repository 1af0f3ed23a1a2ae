"""Tests of asynclog.central.connection, with real servers."""

import asyncio
import os
import sys
import traceback
from pathlib import Path

import pytest

from asynclog.central.connection import connect
from asynclog.errors import ServerError

from .servers import REDIS, Server, free_port

CERTIFICATES = Path(__file__).parents[1] / "sinks" / "certificates"
NO_REDIS = pytest.mark.skipif(
    REDIS is None and not os.environ.get("CI"), reason="redis-server is not installed"
)
SECRET = "sesame-7"


async def failure(url, *command, patience=2.0):
    """Return how *command* fails at *url*, with everything that a log would show of it."""
    connection = connect(url, timeout=patience)
    with pytest.raises(ServerError) as caught:
        await connection.execute(*command)
    await connection.aclose()
    return caught.value, "".join(traceback.format_exception(caught.value)) + repr(connection)


async def test_commands_are_answered_in_bytes(connection):
    """One, or several together."""
    assert await connection.execute("SET", "a", "x") in (True, b"OK")
    assert await connection.execute("GET", "a") == b"x"
    assert await connection.execute_all([("GET", "a"), ("GET", "b")]) == [b"x", None]


async def test_one_of_several_commands_fails_alone(connection):
    """An error stands where its answer would."""
    await connection.execute("SET", "a", "x")
    length, text = await connection.execute_all([("LLEN", "a"), ("GET", "a")])

    assert (type(length), length.code, text) == (ServerError, "WRONGTYPE", b"x")


async def test_a_unix_socket_and_a_database(tmp_path):
    """As the URL says."""
    path = tmp_path / "socket"
    with Server(tmp_path / "data", "--unixsocket", str(path)) as server:
        connection = connect(f"unix://{path}?db=3")
        await connection.execute("SET", "a", "x")
        await connection.aclose()

        assert server.client.info("keyspace")["db3"]["keys"] == 1


async def test_a_server_that_is_not_there():
    """Is one error, that names it."""
    error, _ = await failure("redis://127.0.0.1:1", "PING")

    assert error.code == "CONNECTION"
    assert str(error).startswith("127.0.0.1:1: ")


async def test_a_server_that_does_not_answer(tmp_path):
    """Is given up after the time-out."""
    with Server(tmp_path) as server:
        server.freeze()
        error, _ = await failure(server.url, "PING", patience=0.1)

    assert error.code == "TIMEOUT"


async def test_a_wrong_password_shows_nowhere(tmp_path):
    """Not in the error, not in its traceback, not in a repr."""
    with Server(tmp_path, "--requirepass", "another") as server:
        url = server.url.replace("//", f"//:{SECRET}@")
        error, shown = await failure(url, "PING")

    assert error.code == "AUTH"
    assert SECRET not in shown


async def test_a_password_that_is_missing(tmp_path):
    """Is told as such."""
    with Server(tmp_path, "--requirepass", SECRET) as server:
        error, _ = await failure(server.url, "GET", "a")
        right = connect(server.url.replace("//", f"//:{SECRET}@"))
        assert await right.execute("GET", "a") is None
        await right.aclose()

    assert error.code in ("AUTH", "NOAUTH")


async def test_a_server_that_is_a_cluster_says_so(connection):
    """A MOVED comes as what it is."""
    moved = await connection.execute_all([("EVAL", "return redis.error_reply('MOVED 1 h:1')", 0)])

    assert moved[0].code == "MOVED"


async def test_what_a_server_says_is_cut(connection):
    """It may be as long as it likes."""
    with pytest.raises(ServerError) as caught:
        await connection.execute("EVAL", "return redis.error_reply(string.rep('X', 9999))", 0)

    assert len(str(caught.value)) < 300


async def test_no_command_is_sent_twice(tmp_path):
    """The client library would, when a connection breaks."""
    sent = []

    async def hang_up(reader, writer):
        sent.append(await reader.read(1000))
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    error, _ = await failure(f"redis://127.0.0.1:{port}?db=0", "INCR", "a")
    listener.close()
    await listener.wait_closed()

    assert (error.code, len(sent)) == ("CONNECTION", 1)


async def test_closing_twice_does_nothing(server):
    """The second time."""
    connection = connect(server.url)
    await connection.execute("PING")
    await connection.aclose()
    await connection.aclose()


def test_without_the_library_the_extra_is_named(monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    with pytest.raises(ValueError, match=r"install asynclog-toolkit\[redis\]$"):
        connect("redis://h")


@NO_REDIS
async def test_tls_verifies_the_server(tmp_path):
    """The certificate must be of an authority that is trusted."""
    ca, own, port = str(CERTIFICATES / "ca.pem"), str(CERTIFICATES / "localhost.pem"), free_port()
    options = ["--tls-port", str(port), "--tls-cert-file", own, "--tls-key-file", own]
    options += ["--tls-ca-cert-file", ca, "--tls-auth-clients", "no"]
    with Server(tmp_path, *options, binary=REDIS):
        right = connect(f"rediss://localhost:{port}?ca_file={ca}")
        assert await right.execute("PING") in (True, b"PONG")
        await right.aclose()
        error, _ = await failure(f"rediss://localhost:{port}", "PING")

    assert error.code == "CONNECTION"
    assert "certificate" in str(error).lower()
