"""One datagram for each record."""

from __future__ import annotations

import errno
import socket
import struct
from itertools import islice, takewhile
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..errors import SinkError
from .descriptor import Patience
from .framing import cut
from .sendmmsg import MAX_MESSAGES, ManySender
from .slicing import encode_in_slices
from .threaded import ThreadedSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records import Batch
    from .slicing import Encode

LOOK_SECONDS = 0.2
"""How often a send that waits for its receiver looks whether it should give up."""
STUCK_SECONDS = 8.0
"""How long a receiver may take nothing before that counts as a failure."""
SHORTEST = 512
"""Bytes that every network carries: what is no longer is not cut any more."""

_NOBODY_THERE = (errno.ECONNREFUSED, errno.ENOTCONN, errno.ECONNRESET, errno.EPIPE)

TooLong: TypeAlias = Literal["cut", "drop"]
"""What becomes of a record that is longer than a datagram may be."""


class _NeverSent(Exception):  # noqa: N818 - what happened, inside this module
    """The system will never send the next datagram.

    Args:
        sent: how many before it were sent.
    """

    def __init__(self, sent: int) -> None:
        super().__init__("longer than the system sends in a datagram")
        self.sent = sent


class DatagramTarget:
    """The blocking half of `DatagramSink`: a socket that is made anew after each failure.

    Args:
        connect: returns a connected socket for datagrams, or raises OSError.
        encode: returns a batch as bytes, one item for each record.
        max_datagram: bytes.
        too_long: whether what is longer is cut, and says so, or is dropped whole, and counted.
    """

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        encode: Encode,
        max_datagram: int,
        too_long: TooLong = "cut",
    ) -> None:
        self._connect = connect
        self._encode = encode
        self._max_datagram = max_datagram
        self._cuts = too_long == "cut"
        self._socket: socket.socket | None = None
        self._sender: ManySender | None = None
        self._patience = Patience()
        self.cut = 0
        """Datagrams that were cut."""

    def encode(self, batch: Batch) -> list[bytes]:
        """Return the datagrams, none too long if those are cut."""
        datagrams = self._encode(batch)
        if self._cuts and max(map(len, datagrams), default=0) > self._max_datagram:
            self.cut += sum(len(one) > self._max_datagram for one in datagrams)
            datagrams = [cut(one, self._max_datagram) for one in datagrams]
        return datagrams

    def write(self, payload: list[bytes]) -> None:
        """Send all; see `Target.write`.

        A receiver that is not there lets the first datagrams go and then refuses: then none of
        the batch counts as written.  What can never be sent is told of as lost, in its turn.
        """
        sent, stop = 0, self._first_too_long(payload)
        try:
            while sent < stop:
                sent += self._send(payload, sent, stop)
            self._check()
        except _NeverSent as never:
            raise SinkError(str(never), written=never.sent, lost=1) from None
        except OSError as error:
            refused = error.errno in _NOBODY_THERE
            if not isinstance(error, TimeoutError):
                self.close()
            reason = f"{type(error).__name__}: {error}"
            raise SinkError(reason, written=0 if refused else sent) from None
        if stop < len(payload):
            lost = sum(1 for _ in takewhile(self._is_too_long, islice(payload, stop, None)))
            reason = f"longer than a datagram of {self._max_datagram:,} bytes"
            raise SinkError(reason, written=sent, lost=lost)

    def _is_too_long(self, datagram: bytes) -> bool:
        return len(datagram) > self._max_datagram

    def _first_too_long(self, payload: list[bytes]) -> int:
        """Return the position of the first datagram that must not be sent, else the end."""
        if max(map(len, payload), default=0) <= self._max_datagram:
            return len(payload)
        return next(filter(lambda i: self._is_too_long(payload[i]), range(len(payload))))

    def flush(self, *, durable: bool) -> None:
        """Do nothing: nobody acknowledges a datagram."""

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = self._sender = None

    def interrupt(self, after: float) -> None:
        """Have waits for the receiver end after *after* seconds."""
        self._patience.limit(after)

    def inherit(self) -> None:
        """Close this process's copy of the socket."""
        self.close()

    def _send(self, payload: list[bytes], start: int, stop: int) -> int:
        """Send some of the datagrams from *start* to *stop*, waiting for a busy receiver."""
        sender = self._connected()
        since = monotonic()
        while True:
            try:
                return sender.send(payload[start : min(stop, start + MAX_MESSAGES)])
            except BlockingIOError:
                waited = monotonic() - since
                if waited >= STUCK_SECONDS or self._patience.is_over(waited):
                    raise TimeoutError("the receiver takes nothing") from None
            except OSError as error:
                if error.errno != errno.EMSGSIZE:
                    raise
                self._shorten(payload, start)

    def _shorten(self, payload: list[bytes], position: int) -> None:
        """Cut a datagram that the system finds too long.

        Raises:
            _NeverSent: it may not be cut, or not any more.
        """
        longest = len(payload[position]) // 2
        if not self._cuts or longest < SHORTEST:
            raise _NeverSent(position)
        payload[position] = cut(payload[position], longest)
        self.cut += 1

    def _connected(self) -> ManySender:
        if self._socket is None or self._sender is None:
            one = self._connect()
            one.setblocking(True)
            seconds, part = divmod(LOOK_SECONDS, 1)
            wait = struct.pack("ll", int(seconds), int(part * 1_000_000))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
            self._socket, self._sender = one, ManySender(one)
        return self._sender

    def _check(self) -> None:
        """Raise what the system has learned of the datagrams sent: that nobody was there."""
        if self._socket is not None:
            number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, errno.errorcode.get(number, "?"))


class DatagramSink(ThreadedSink[list[bytes]]):
    """Sends each record as one datagram; the base of several sinks.

    Args:
        connect: see `DatagramTarget`.
        encode: see `DatagramTarget`.
        max_datagram: see `DatagramTarget`.
        name: of the thread.
        too_long: see `DatagramTarget`.
    """

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        encode: Encode,
        max_datagram: int,
        name: str,
        too_long: TooLong = "cut",
    ) -> None:
        self._datagrams = DatagramTarget(connect, encode, max_datagram, parse_too_long(too_long))
        super().__init__(self._datagrams, name)

    @property
    def cut(self) -> int:
        """Records that were longer than a datagram may be, and were cut."""
        return self._datagrams.cut

    def write_now(self, batch: Batch, /) -> None:
        """Send *batch* in the calling thread, and leave no socket open; see `LastGaspSink`."""
        try:
            super().write_now(batch)
        finally:
            self._datagrams.close()

    async def _encoded(self, batch: Batch) -> list[bytes]:
        return await encode_in_slices(batch, self._datagrams.encode)


def parse_too_long(value: TooLong) -> TooLong:
    """Return *value*, if it is one.

    Raises:
        ValueError: it is none; the message names what is allowed.
    """
    if value not in ("cut", "drop"):
        raise ValueError(f"too_long: expected 'cut' or 'drop', got {value!r}")
    return value
