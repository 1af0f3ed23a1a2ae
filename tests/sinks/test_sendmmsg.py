"""Many datagrams with one system call."""

from __future__ import annotations

import errno
import socket

import pytest

from asynclog.sinks import sendmmsg
from asynclog.sinks.sendmmsg import ManySender


@pytest.fixture
def pair():
    """A socket to send to, and one that receives."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.setblocking(False)
    other.setblocking(False)
    yield one, other
    one.close()
    other.close()


@pytest.fixture(params=[True, False])
def call(request, monkeypatch):
    """With the system call, and on a system without it."""
    monkeypatch.setattr(sendmmsg, "_sendmmsg", sendmmsg._sendmmsg if request.param else None)


def test_each_item_is_a_datagram(pair, call):
    """Empty ones too."""
    one, other = pair
    sender, datagrams = ManySender(one), [b"a", b"", b"x" * 9000, "é".encode()]
    sent = 0
    while sent < len(datagrams):
        sent += sender.send(datagrams[sent:])
    assert [other.recv(10_000) for _ in datagrams] == datagrams


def test_as_many_go_as_there_is_room_for(pair, call):
    """At least one; when there is none, it is an error."""
    one, _ = pair
    sender, sent = ManySender(one), 0
    with pytest.raises(BlockingIOError):
        while True:
            sent += sender.send([b"x"] * 1000)
    assert sent >= 1


def test_one_sender_can_be_used_again(pair, call):
    """With other sizes."""
    one, other = pair
    sender = ManySender(one)
    for datagram in (b"long one", b"b"):
        sender.send([datagram])
        assert other.recv(100) == datagram


def test_an_error_of_the_system_is_raised(pair, call):
    """With its number."""
    one, other = pair
    other.close()
    with pytest.raises(OSError, match=r"refused|reset|not connected|endpoint") as caught:
        ManySender(one).send([b"x"])
    assert caught.value.errno in (errno.ECONNREFUSED, errno.ECONNRESET, errno.ENOTCONN)


def test_only_linux_has_the_call(monkeypatch):
    """Elsewhere it is not even looked for."""
    monkeypatch.setattr(sendmmsg.sys, "platform", "darwin")
    assert sendmmsg._system_call() is None
