"""Hosts and ports."""

from __future__ import annotations

import socket

import pytest

from asynclog.sinks.addresses import is_address, look_up, parse_host, parse_port
from asynclog.sinks.writer import WriterThread


@pytest.mark.parametrize(
    ("given", "host"),
    [("log.example", "log.example"), ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("[::1]", "::1")],
)
def test_a_host_is_a_name_or_an_address(given, host):
    """Brackets round an address of IPv6 are taken off."""
    assert parse_host(given) == host


@pytest.mark.parametrize("host", ["", "a b", "a\nb", "a/b", "x" * 256, None, 7])
def test_what_is_no_host_is_refused(host):
    """The message names it."""
    with pytest.raises(ValueError, match=r"^host: expected a host's name or address, got "):
        parse_host(host)


@pytest.mark.parametrize("port", [0, 65536, -1, "514", None, True, 1.5])
def test_what_is_no_port_is_refused(port):
    """The message names it."""
    with pytest.raises(ValueError, match=f"^port: expected .* 1 to 65535, got {port!r}"):
        parse_port(port)


def test_a_port_is_a_number():
    """Of 16 bits."""
    assert [parse_port(1), parse_port(65535)] == [1, 65535]


def test_addresses_are_told_from_names():
    """They need no looking up."""
    assert [is_address(host) for host in ("127.0.0.1", "::1", "localhost")] == [True, True, False]


async def test_an_address_is_not_looked_up():
    """Nobody is asked."""
    assert await look_up("10.0.0.1", 514, None) == ["10.0.0.1"]


async def test_a_name_is_looked_up_in_the_thread(monkeypatch):
    """Each address once, in the order of the system."""
    answer = [(None, None, None, "", (address, 514)) for address in ("::1", "10.0.0.1", "::1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    thread = WriterThread("test")
    assert await look_up("log.example", 514, thread) == ["::1", "10.0.0.1"]
    thread.stop()


async def test_a_name_that_is_none_is_an_error(monkeypatch):
    """As the system says it."""

    def fail(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    thread = WriterThread("test")
    with pytest.raises(OSError, match="not known"):
        await look_up("log.example", 514, thread)
    thread.stop()
