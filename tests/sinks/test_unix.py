"""Lines to a program on the same machine."""

from __future__ import annotations

import asyncio
import socket

import pytest

from asynclog.errors import SinkError
from asynclog.records import Batch, Record
from asynclog.sinks import UnixSink
from asynclog.sinks.unix import parse_socket_path
from asynclog.testing import check_sink

from .servers import Server, settle


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


@pytest.fixture
def path(tmp_path):
    """Return where the socket is to be."""
    return str(tmp_path / "socket")


async def test_a_stream_keeps_the_promises_of_a_sink(path):
    """And every line arrives once."""
    async with Server(path) as server:
        await check_sink(UnixSink(path))
        assert await server.lines(10) == [f"check {i}" for i in range(10)]


async def test_datagrams_keep_the_promises_of_a_sink(path):
    """And every line is a datagram."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.setblocking(False)
        await check_sink(UnixSink(path, kind="datagram"))
        assert [receiver.recv(100) for _ in range(10)] == [f"check {i}".encode() for i in range(10)]


@pytest.mark.virtual
async def test_a_program_that_reads_nothing_is_waited_for(path):
    """It cannot vanish unnoticed, as a peer in a network can."""
    async with Server(path, reads=False) as server:
        sink = UnixSink(path)
        writing = asyncio.ensure_future(sink.write(batch_of("x" * 5_000_000)))
        await asyncio.sleep(600)
        assert not writing.done()
        server.peers[0].read()
        await writing
        await sink.aclose()
    assert len(server.peers) == 1


@pytest.mark.virtual
async def test_what_was_not_read_before_a_break_is_sent_again(path):
    """The program may have ended without reading it."""
    async with Server(path, reads=False) as server:
        sink = UnixSink(path)
        sink._carrier._write_timeout = 1  # or it would be waited for until it was read
        with pytest.raises(SinkError):
            await sink.write(batch_of("a"))
        server.reads = True
        await asyncio.sleep(1)
        await sink.write(batch_of("a"))
        await settle()
        assert server.peers[1].lines == ["a"]
        await sink.aclose()


async def test_octets_can_be_counted(path):
    """As RFC 6587 has it."""
    async with Server(path) as server:
        sink = UnixSink(path, framing="octet-counting")
        await sink.write(batch_of("ab"))
        await sink.aclose()
        await server.lines(1)
        assert server.peers[0].received == b"2 ab"


@pytest.mark.parametrize("kind", ["stream", "datagram"])
async def test_without_a_program_that_listens_lines_are_kept(path, kind):
    """The error says what is missing."""
    sink = UnixSink(path, kind=kind)
    with pytest.raises(SinkError, match=r"FileNotFoundError|No such file"):
        await sink.write(batch_of("a"))
    await sink.aclose()


@pytest.mark.parametrize("kind", ["stream", "datagram"])
def test_a_batch_can_be_sent_when_no_loop_runs(path, kind):
    """At the interpreter's end."""
    type_ = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM}[kind]
    with socket.socket(socket.AF_UNIX, type_) as receiver:
        receiver.bind(path)
        if kind == "stream":
            receiver.listen()
        UnixSink(path, kind=kind).write_now(batch_of("a"))
        one = receiver.accept()[0] if kind == "stream" else receiver.dup()
        with one:
            assert one.recv(100).rstrip() == b"a"


def test_without_a_listener_that_is_an_error(path):
    """And nothing stays open."""
    with pytest.raises(OSError, match="No such file"):
        UnixSink(path).write_now(batch_of("a"))


def test_a_name_without_a_file_begins_with_an_at():
    """On Linux."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0asynclog-test")
        UnixSink("@asynclog-test", kind="datagram").write_now(batch_of("a"))
        assert receiver.recv(100) == b"a"


@pytest.mark.parametrize("value", ["", "a\0b", "x" * 108, b"x"])
def test_a_path_that_cannot_be_a_socket_is_refused(value):
    """The message names it."""
    with pytest.raises(
        ValueError, match=r"^path: expected the path of a socket, up to 107 bytes, got"
    ):
        parse_socket_path(value)


@pytest.mark.parametrize(
    ("option", "value"), [("kind", "raw"), ("framing", "nul"), ("max_datagram", 1)]
)
def test_an_option_that_cannot_be_used_is_named(option, value):
    """With its value, when the sink is made."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        UnixSink("/run/x", **{option: value})


def test_repr_names_the_path():
    """For messages about the sink."""
    assert repr(UnixSink("/run/x")) == "UnixSink('/run/x')"
