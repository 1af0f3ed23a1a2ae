"""One datagram for each record."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from asynclog.errors import SinkError
from asynclog.records import Batch, Record
from asynclog.sinks import datagram
from asynclog.sinks.datagram import DatagramSink, DatagramTarget
from asynclog.sinks.framing import encode_each


def batch_of(*lines):
    """Return a batch of *lines*."""
    return Batch([Record(0, 20, "", line) for line in lines], list(lines))


class Receiver:
    """A datagram socket at a path, or at a port of this machine."""

    def __init__(self, path=None):
        self._path = path
        self.listen()

    def listen(self):
        """Listen, again too."""
        self._socket = socket.socket(
            socket.AF_UNIX if self._path else socket.AF_INET, socket.SOCK_DGRAM
        )
        self._socket.bind(str(self._path) if self._path else ("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.address = self._socket.getsockname()

    def close(self):
        """Listen no more."""
        self._socket.close()
        if self._path:
            self._path.unlink(missing_ok=True)

    def take(self):
        """Return what has come."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(1 << 20))
            except BlockingIOError:
                return found

    def connect(self):
        """Return a socket that sends here."""
        one = socket.socket(self._socket.family, socket.SOCK_DGRAM)
        try:
            one.connect(self.address)
        except BaseException:
            one.close()
            raise
        return one


@pytest.fixture(params=["unix", "udp"])
def receiver(request, tmp_path):
    """Each kind of receiver."""
    one = Receiver(tmp_path / "socket" if request.param == "unix" else None)
    yield one
    one.close()


@pytest.fixture
def unix(tmp_path):
    """A receiver at a path."""
    one = Receiver(tmp_path / "socket")
    yield one
    one.close()


@pytest.fixture
def make():
    """Make targets, and close them at the end."""
    targets = []

    def make_(receiver, limit=60_000, too_long="cut"):
        targets.append(
            DatagramTarget(
                receiver.connect, lambda batch: encode_each(batch.lines), limit, too_long
            )
        )
        return targets[-1]

    yield make_
    for one in targets:
        one.close()


def write(target, *lines):
    """Write *lines* as a sink does."""
    target.write(target.encode(batch_of(*lines)))


def test_each_line_is_a_datagram(receiver, make):
    """In order."""
    write(make(receiver), "a", "é", "c\nd")
    assert receiver.take() == [b"a", "é".encode(), b"c\nd"]


def test_a_longer_line_is_cut_and_says_so(receiver, make):
    """It is counted."""
    target = make(receiver, 128)
    write(target, "short", "x" * 1000)
    short, long = receiver.take()
    assert (short, len(long), long[-16:]) == (b"short", 128, b"...[1,000 bytes]")
    assert target.cut == 1


def test_what_the_system_finds_too_long_is_cut_too(unix, make):
    """Whatever the setting said."""
    target = make(unix, 10_000_000)
    write(target, "x" * 1_000_000)
    (long,) = unix.take()
    assert long.endswith(b" bytes]")
    assert target.cut >= 1


@pytest.mark.parametrize(("length", "too_long"), [(1, "cut"), (900, "cut"), (50_000, "drop")])
def test_what_the_system_never_sends_is_lost_alone(length, too_long, unix, make, monkeypatch):
    """There is nothing to cut, or it must not be; what stands before it was sent."""
    monkeypatch.setattr(datagram.ManySender, "send", _fails(errno.EMSGSIZE, after=2))
    with pytest.raises(SinkError, match="longer than the system sends") as caught:
        write(make(unix, too_long=too_long), "a", "b", "x" * length, "d")
    assert (caught.value.written, caught.value.lost) == (2, 1)


def test_half_a_record_may_be_worse_than_none(receiver, make):
    """Then a longer one is lost, and those behind it are for the next write."""
    target = make(receiver, 128, "drop")
    with pytest.raises(SinkError, match="longer than a datagram of 128 bytes") as caught:
        write(target, "a", "b", "x" * 129, "y" * 200, "c")
    assert (caught.value.written, caught.value.lost) == (2, 2)
    write(target, "c" * 128)
    assert receiver.take() == [b"a", b"b", b"c" * 128]
    assert target.cut == 0


def test_a_receiver_that_is_not_there_is_told_of_before_what_is_too_long(receiver, make):
    """Else lines would pass for written that were not."""
    target = make(receiver, 128, "drop")
    write(target, "a")
    receiver.close()
    with pytest.raises(SinkError, match=r"ECONNREFUSED|refused") as caught:
        write(target, "b", "x" * 200)
    assert (caught.value.written, caught.value.lost) == (0, 0)


def _fails(number, after=0):
    calls = []

    def send(_, datagrams):
        calls.append(datagrams)
        if len(calls) <= after:
            return 1
        raise OSError(number, os.strerror(number))

    return send


def test_without_a_receiver_nothing_counts_as_written(receiver, make):
    """The first datagram goes out before the system learns that nobody is there."""
    target = make(receiver)
    write(target, "a")
    receiver.close()
    with pytest.raises(SinkError, match=r"ECONNREFUSED|refused") as caught:
        write(target, "b", "c")
    assert caught.value.written == 0


def test_a_receiver_that_comes_back_is_found(unix, make):
    """With the next write."""
    target = make(unix)
    write(target, "a")
    unix.close()
    with pytest.raises(SinkError):
        write(target, "b")
    unix.listen()
    write(target, "b")
    assert unix.take() == [b"b"]


def test_a_receiver_that_was_never_there_is_an_error(unix, make):
    """Its lines are kept."""
    unix.close()
    with pytest.raises(SinkError, match="FileNotFoundError") as caught:
        write(make(unix), "a")
    assert caught.value.written == 0


def test_another_failure_tells_how_far_it_got(unix, make, monkeypatch):
    """What was sent is not sent again."""
    monkeypatch.setattr(datagram.ManySender, "send", _fails(errno.ENOBUFS, after=2))
    with pytest.raises(SinkError) as caught:
        write(make(unix), "a", "b", "c")
    assert caught.value.written == 2


def test_a_busy_receiver_is_waited_for_only_so_long(unix, make, monkeypatch):
    """Then that is an error, and the socket is kept."""
    monkeypatch.setattr(datagram, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(datagram, "STUCK_SECONDS", 0.002)
    target = make(unix)
    with pytest.raises(SinkError, match="the receiver takes nothing") as caught:
        write(target, *["x" * 1000] * 2000)
    taken = unix.take()
    assert len(taken) == caught.value.written
    write(target, "after")
    assert unix.take() == [b"after"]


def test_a_wait_can_be_ended(unix, make, monkeypatch):
    """When the sink closes."""
    monkeypatch.setattr(datagram, "LOOK_SECONDS", 0.001)
    target = make(unix)
    target.interrupt(0)
    with pytest.raises(SinkError, match="the receiver takes nothing"):
        write(target, *["x" * 1000] * 2000)


async def test_a_large_batch_is_encoded_in_slices(unix):
    """The loop has its turns in between."""
    sizes = []

    def encode(batch):
        sizes.append(len(batch))
        return []

    sink = DatagramSink(unix.connect, encode, 1000, "test")
    await sink.write(batch_of(*"x" * 600))
    await sink.aclose()
    assert sizes == [256, 256, 88]


async def test_a_sink_tells_how_many_it_has_cut(receiver):
    """For its statistics."""
    sink = DatagramSink(receiver.connect, lambda batch: encode_each(batch.lines), 128, "test")
    await sink.write(batch_of("x" * 200))
    await sink.flush()
    await sink.aclose()
    assert sink.cut == 1


def test_what_the_system_still_finds_too_long_is_cut_again(unix, make, monkeypatch):
    """Until it goes."""
    sizes = []

    def send(_, datagrams):
        sizes.append(len(datagrams[0]))
        if len(datagrams[0]) > 3000:
            raise OSError(errno.EMSGSIZE, "too long")
        return 1

    monkeypatch.setattr(datagram.ManySender, "send", send)
    target = make(unix)
    write(target, "x" * 10_000)
    assert (sizes, target.cut) == ([10_000, 5000, 2500], 2)


def test_a_busy_receiver_may_take_its_time(unix, make, monkeypatch):
    """A little of it."""
    outcomes = [BlockingIOError(), BlockingIOError(), 1]

    def send(*_):
        outcome = outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    monkeypatch.setattr(datagram.ManySender, "send", send)
    write(make(unix), "x")
    assert outcomes == []


async def test_its_waits_can_be_ended(unix):
    """When the logger closes."""
    sink = DatagramSink(unix.connect, lambda batch: [], 1000, "test")
    sink.interrupt()
    assert sink._datagrams._patience.is_over(0)
    await sink.aclose()
