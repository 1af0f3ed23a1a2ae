"""One datagram for each record."""

from __future__ import annotations

import errno
import socket
import struct
from time import monotonic
from typing import TYPE_CHECKING

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

_NOBODY_THERE = (errno.ECONNREFUSED, errno.ENOTCONN, errno.ECONNRESET, errno.EPIPE)


class DatagramTarget:
    """The blocking half of `DatagramSink`: a socket that is made anew after each failure.

    Args:
        connect: returns a connected socket for datagrams, or raises OSError.
        encode: returns a batch as bytes, one item for each record.
        max_datagram: bytes; what is longer is cut, and says so.
    """

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        encode: Encode,
        max_datagram: int,
    ) -> None:
        self._connect = connect
        self._encode = encode
        self._max_datagram = max_datagram
        self._socket: socket.socket | None = None
        self._sender: ManySender | None = None
        self._patience = Patience()
        self.cut = 0
        """Datagrams that were cut."""

    def encode(self, batch: Batch) -> list[bytes]:
        """Return the datagrams, none too long."""
        datagrams = self._encode(batch)
        if max(map(len, datagrams), default=0) > self._max_datagram:
            self.cut += sum(len(one) > self._max_datagram for one in datagrams)
            datagrams = [cut(one, self._max_datagram) for one in datagrams]
        return datagrams

    def write(self, payload: list[bytes]) -> None:
        """Send all; see `Target.write`.

        A receiver that is not there lets the first datagrams go and then refuses: then none of
        the batch counts as written.
        """
        sent = 0
        try:
            while sent < len(payload):
                sent += self._send(payload, sent)
            self._check()
        except OSError as error:
            refused = error.errno in _NOBODY_THERE
            if not isinstance(error, TimeoutError):
                self.close()
            reason = f"{type(error).__name__}: {error}"
            raise SinkError(reason, written=0 if refused else sent) from None

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

    def _send(self, payload: list[bytes], start: int) -> int:
        """Send some datagrams from *start* on, waiting for a receiver that is busy."""
        sender = self._connected()
        since = monotonic()
        while True:
            try:
                return sender.send(payload[start : start + MAX_MESSAGES])
            except BlockingIOError:
                waited = monotonic() - since
                if waited >= STUCK_SECONDS or self._patience.is_over(waited):
                    raise TimeoutError("the receiver takes nothing") from None
            except OSError as error:
                if error.errno != errno.EMSGSIZE or not self._shorten(payload, start):
                    raise

    def _shorten(self, payload: list[bytes], position: int) -> bool:
        """Cut a datagram that the system finds too long; return whether that was possible."""
        longest = len(payload[position]) // 2
        if longest < 512:  # noqa: PLR2004 - every network carries as much
            return False
        payload[position] = cut(payload[position], longest)
        self.cut += 1
        return True

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
    """

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        encode: Encode,
        max_datagram: int,
        name: str,
    ) -> None:
        self._datagrams = DatagramTarget(connect, encode, max_datagram)
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
