"""Lines as datagrams over the network."""

from __future__ import annotations

import socket

import pytest

from asynclog.sinks import UDPSink
from asynclog.sinks.udp import connect_udp
from asynclog.testing import check_sink


@pytest.fixture
def receiver():
    """A socket that datagrams come to."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    one.setblocking(False)
    yield one
    one.close()


async def test_it_keeps_the_promises_of_a_sink(receiver):
    """And every line is a datagram."""
    await check_sink(UDPSink(*receiver.getsockname()))
    assert [receiver.recv(100) for _ in range(10)] == [f"check {i}".encode() for i in range(10)]


def test_each_address_of_a_host_is_tried(receiver, monkeypatch):
    """The first that has a route is taken."""
    port = receiver.getsockname()[1]
    found = [
        (socket.AF_INET6, socket.SOCK_DGRAM, 0, "", ("2001:db8::1%nowhere", port, 0, 99)),
        (socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("127.0.0.1", port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with connect_udp("log.example", port) as one:
        assert one.getpeername() == ("127.0.0.1", port)


def test_a_host_without_addresses_is_an_error(monkeypatch):
    """Its lines are kept."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(OSError, match="no address for log"):
        connect_udp("log.example", 514)


@pytest.mark.parametrize(
    ("option", "value"), [("host", ""), ("port", 0), ("max_datagram", 100), ("max_datagram", "1kB")]
)
def test_an_option_that_cannot_be_used_is_named(option, value):
    """With its value, when the sink is made."""
    with pytest.raises(ValueError, match=f"^{option}: expected .* got {value!r}"):
        UDPSink(**{"host": "log.example", "port": 514, option: value})


def test_no_datagram_is_longer_than_the_protocol_allows():
    """Whatever the setting says."""
    assert UDPSink("h", 1, max_datagram=10**6)._datagrams._max_datagram == 65_507


def test_repr_names_the_peer():
    """For messages about the sink."""
    assert repr(UDPSink("log.example", 514)) == "UDPSink(udp://log.example:514)"
