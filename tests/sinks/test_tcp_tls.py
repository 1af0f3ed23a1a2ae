"""Lines to a server, encrypted."""

from __future__ import annotations

import asyncio
import queue
import socket
import ssl
from pathlib import Path

import pytest
from anyio.streams.tls import TLSStream

from asynclog.errors import SinkError
from asynclog.records import Batch, Record
from asynclog.sinks import TCPSink

from .servers import Server

CERTIFICATES = Path(__file__).parent / "certificates"


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


def server_context(name, *, ask=False):
    """Return the TLS context of a server; it may ask for the client's certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    if ask:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(CERTIFICATES / "ca.pem")
    return context


def tls_sink(server, host="127.0.0.1", **options):
    """Return a sink that trusts the tests' authority."""
    return TCPSink(
        host, server.port, **{"tls": True, "ca_file": CERTIFICATES / "ca.pem", **options}
    )


async def test_over_tls_lines_arrive():
    """From a server whose certificate is good."""
    async with Server(context=server_context("localhost")) as server:
        sink = tls_sink(server)
        await sink.write(batch_of("a", "b"))
        await sink.aclose()
        assert await server.lines(2) == ["a", "b"]


@pytest.mark.parametrize(
    ("certificate", "options", "reason"),
    [
        ("elsewhere", {}, "IP address mismatch"),
        ("localhost", {"ca_file": None}, "unable to get local issuer|self-signed"),
        ("localhost", {"server_name": "other.example"}, "Hostname mismatch"),
    ],
)
async def test_to_a_peer_that_fails_verification_nothing_is_sent(certificate, options, reason):
    """The error says why."""
    async with Server(context=server_context(certificate)) as server:
        sink = tls_sink(server, **options)
        with pytest.raises(SinkError, match=reason):
            await sink.write(batch_of("secret"))
        await sink.aclose()
        assert server.peers == []


async def test_a_certificate_can_be_for_another_name():
    """If the sink is told which."""
    async with Server(context=server_context("elsewhere")) as server:
        sink = tls_sink(server, server_name="elsewhere.example")
        await sink.write(batch_of("a"))
        await sink.aclose()
        assert await server.lines(1) == ["a"]


async def test_the_client_can_show_a_certificate():
    """To a server that asks for one."""
    async with Server(context=server_context("localhost", ask=True)) as server:
        sink = tls_sink(server, cert_file=CERTIFICATES / "client.pem")
        await sink.write(batch_of("a"))
        await sink.aclose()
        assert await server.lines(1) == ["a"]


async def test_a_server_that_hangs_up_in_the_handshake_is_an_error():
    """It is tried again."""
    async with Server() as server:
        sink = tls_sink(server)
        writing = asyncio.ensure_future(sink.write(batch_of("a")))
        while not (server.peers and server.peers[0].received):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        server.peers[0].close()
        with pytest.raises(SinkError, match="hung up in the TLS handshake"):
            await writing
        await sink.aclose()


async def _hung_up(*_, **__):
    raise ssl.SSLZeroReturnError("TLS/SSL connection has been closed (EOF)")


async def test_that_it_hung_up_is_told_in_the_same_words_by_every_python(monkeypatch):
    """3.11.2 has another error for it."""
    async with Server() as server:
        monkeypatch.setattr(TLSStream, "wrap", _hung_up)
        sink = tls_sink(server)
        with pytest.raises(SinkError, match="hung up in the TLS handshake"):
            await sink.write(batch_of("a"))
        await sink.aclose()


async def test_over_tls_a_batch_can_be_sent_when_no_loop_runs():
    """The handshake is with a server in another thread."""
    ready, found = queue.Queue(), []

    async def serve():
        async with Server(context=server_context("localhost")) as server:
            ready.put(server)
            found.extend(await server.lines(1))

    serving = asyncio.create_task(asyncio.to_thread(asyncio.run, serve()))
    tls_sink(await asyncio.to_thread(ready.get)).write_now(batch_of("a"))
    await serving
    assert found == ["a"]


class Refusing:
    """A context that refuses every peer."""

    def wrap_socket(self, plain, *, server_hostname):
        """Refuse."""
        raise ssl.SSLError("refused")


def test_when_no_loop_runs_a_failed_handshake_leaves_nothing_open():
    """The error is passed on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sink = TCPSink("127.0.0.1", listener.getsockname()[1], tls=True)

        sink._dialer._context = Refusing
        with pytest.raises(ssl.SSLError):
            sink.write_now(batch_of("a"))
        with listener.accept()[0] as peer:
            assert peer.recv(1) == b""
