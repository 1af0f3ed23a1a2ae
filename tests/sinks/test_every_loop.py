"""Sinks on every event loop: in debug mode, with eager tasks, and on uvloop."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from asynclog.errors import SinkError
from asynclog.records import Batch, Record
from asynclog.sinks import FileSink, RollingFileSink, SyslogSink, TCPSink, UDPSink, UnixSink
from asynclog.testing import check_sink

from .servers import Server
from .test_tcp_tls import server_context, tls_sink

pytestmark = pytest.mark.every_loop
LINES = [f"check {i}" for i in range(10)]


@pytest.mark.parametrize("kind", [FileSink, partial(RollingFileSink, size="1MB")])
async def test_files(kind, tmp_path):
    """Every line once."""
    await check_sink(kind(tmp_path / "app.log"))
    assert (tmp_path / "app.log").read_text().splitlines() == LINES


async def test_tcp():
    """Every line once."""
    async with Server() as server:
        await check_sink(TCPSink("127.0.0.1", server.port))
        assert await server.lines(10) == LINES


async def test_tls():
    """Every line once."""
    async with Server(context=server_context("localhost")) as server:
        await check_sink(tls_sink(server))
        assert await server.lines(10) == LINES


async def test_unix(tmp_path):
    """Every line once."""
    async with Server(str(tmp_path / "socket")) as server:
        await check_sink(UnixSink(tmp_path / "socket"))
        assert await server.lines(10) == LINES


@pytest.mark.parametrize("kind", [UDPSink, SyslogSink])
async def test_datagrams(kind):
    """Every line once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        await check_sink(kind(*receiver.getsockname()))
        assert [receiver.recv(1000).decode()[-7:] for _ in LINES] == LINES


async def test_after_a_break():
    """The lines before it, and those after."""
    async with Server() as server:
        sink = TCPSink("127.0.0.1", server.port)
        await sink.write(Batch([Record(0, 20, "", "a")], ["a"]))
        while not server.peers:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        server.peers[0].reset()
        assert await server.lines_of(1) == ["a"]
        await sink.aclose()


async def test_a_peer_that_is_not_there():
    """Is an error, and nothing stays behind."""
    sink = TCPSink("127.0.0.1", 1)
    with pytest.raises(SinkError, match="ConnectionRefusedError"):
        await sink.write(Batch([Record(0, 20, "", "a")], ["a"]))
    await sink.aclose()
