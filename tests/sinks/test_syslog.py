"""Lines to a syslog daemon."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from asynclog.records import Batch, Record
from asynclog.sinks import SyslogSink
from asynclog.testing import check_sink

from .servers import Server

TIME = 1_646_558_144_681_220_999
CA = Path(__file__).parent / "certificates" / "ca.pem"


def batch_of(*lines, level=40):
    """Return a batch of *lines*."""
    records = [Record(TIME, level, "ct/100", line, attributes={"size": 17}) for line in lines]
    return Batch(records, list(lines))


@pytest.fixture
def path(tmp_path):
    """Return where the daemon's socket is."""
    return str(tmp_path / "log")


@pytest.fixture
def daemon(path):
    """A daemon of this machine."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(path)
        one.setblocking(False)
        yield one


@pytest.fixture
def remote():
    """A daemon that takes datagrams from the network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
        yield one


async def test_it_keeps_the_promises_of_a_sink(path, daemon):
    """And every line arrives once."""
    await check_sink(SyslogSink(path))
    assert [daemon.recv(1000).rpartition(b": ")[2] for _ in range(10)] == [
        f"check {i}".encode() for i in range(10)
    ]


def test_the_daemon_of_this_machine_gets_the_older_form(path, daemon):
    """Without the host, which it knows."""
    SyslogSink(path, identity="app", facility="local0").write_now(batch_of("text"))
    message = daemon.recv(1000).decode()
    assert message.startswith("<131>")
    assert " app[" in message
    assert message.endswith("]: text")
    assert socket.gethostname() not in message


def test_it_can_get_the_newer_form(path, daemon):
    """If it understands it."""
    SyslogSink(path, identity="app", hostname="h", format="rfc5424").write_now(batch_of("text"))
    assert daemon.recv(1000).startswith(b"<11>1 2022-03-06T09:15:44.681220Z h app ")


def test_a_remote_daemon_gets_structured_data(remote):
    """Label and attributes."""
    SyslogSink(*remote.getsockname(), identity="app", hostname="h").write_now(batch_of("text"))
    assert remote.recv(1000).endswith(b' - [attributes@32473 label="ct/100" size="17"] text')


def test_a_remote_daemon_gets_the_host_in_the_older_form_too(remote):
    """It must know from whom."""
    sink = SyslogSink(*remote.getsockname(), identity="app", hostname="h", format="rfc3164")
    sink.write_now(batch_of("text"))
    assert b" h app[" in remote.recv(1000)


def test_settings_reach_the_message(remote):
    """Those that are for the newer form."""
    sink = SyslogSink(*remote.getsockname(), sd_id=None, bom=True, severity={0: "alert"})
    sink.write_now(batch_of("text"))
    message = remote.recv(1000)
    assert message.startswith(b"<9>1 ")
    assert message.endswith(b" - - \xef\xbb\xbftext")


async def test_a_longer_message_is_cut(remote):
    """And counted."""
    sink = SyslogSink(*remote.getsockname(), max_datagram=480)
    await sink.open()
    await sink.write(batch_of("x" * 1000))
    await sink.aclose()
    assert len(remote.recv(10_000)) == 480
    assert sink.cut == 1


@pytest.mark.parametrize(("framing", "end"), [("octet-counting", b"x"), ("newline", b"x\n")])
async def test_over_tcp_messages_are_framed(framing, end):
    """By counting octets, unless told otherwise."""
    async with Server() as server:
        sink = SyslogSink(
            "127.0.0.1",
            server.port,
            transport="tcp",
            hostname="h",
            identity="a",
            framing=framing,
            sd_id=None,
        )
        await sink.write(batch_of("x" * 20))
        await sink.flush()
        await sink.aclose()
        await server.lines(1)
    received = bytes(server.peers[0].received)
    assert received[:1].isdigit() == (framing == "octet-counting")
    assert received.endswith(end)
    assert sink.cut == 0


async def test_over_a_stream_socket_messages_are_framed(path):
    """As over TCP."""
    async with Server(path) as server:
        sink = SyslogSink(path, transport="unix-stream")
        await sink.write(batch_of("a"))
        await sink.aclose()
        await server.lines(1)
    assert server.peers[0].received.split(b" ")[0].isdigit()


def test_the_identity_is_the_program_s_name(path, daemon, monkeypatch):
    """That of its first file."""
    monkeypatch.setattr("sys.argv", ["/srv/app/main.py"])
    SyslogSink(path).write_now(batch_of("text"))
    assert b" main[" in daemon.recv(1000)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({}, "unix:///dev/log"),
        ({"address": "@name"}, "unix://@name"),
        ({"address": "/run/log", "transport": "unix-stream"}, "unix-stream:///run/log"),
        ({"address": "loghost"}, "udp://loghost:514"),
        ({"address": "loghost", "port": 5140}, "udp://loghost:5140"),
        ({"address": "loghost", "transport": "tcp"}, "tcp://loghost:514"),
        ({"address": "loghost", "transport": "tls", "ca_file": CA}, "tls://loghost:6514"),
        ({"address": "loghost", "transport": "tls", "server_name": "other"}, "tls://loghost:6514"),
    ],
)
def test_address_and_transport_have_usual_values(arguments, shown):
    """Repr shows them."""
    assert repr(SyslogSink(**arguments)) == f"SyslogSink({shown})"


@pytest.mark.parametrize(
    ("option", "value", "address"),
    [
        ("transport", "sctp", "loghost"),
        ("port", 0, "loghost"),
        ("port", 514, "/dev/log"),
        ("address", "", ""),
        ("address", 7, 7),
        ("address", "/" + "x" * 200, "/" + "x" * 200),
        ("format", "gelf", "loghost"),
        ("framing", "nul", "loghost"),
        ("facility", "local9", "loghost"),
        ("max_datagram", 100, "loghost"),
        ("ca_file", "ca.pem", "loghost"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(option, value, address):
    """With its value, when the sink is made."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        SyslogSink(**{"address": address, option: value})


def test_a_write_under_way_can_be_ended(path, daemon):
    """Whatever the way of transport."""
    sink = SyslogSink(path)
    sink.interrupt()
    assert sink._carrier._datagrams._patience.is_over(0)
