"""Many datagrams with one system call, where the system has one for it.

Python has no such call.  One for each datagram costs more in taking and giving back the
interpreter's lock than the call itself, and makes the event loop wait for it each time.
"""

from __future__ import annotations

import ctypes
import os
import sys
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

MAX_MESSAGES = 512
"""Datagrams given to the system at once; Linux takes up to 1024."""


class _Message(ctypes.Structure):
    """`struct msghdr` of sendmsg(2)."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """`struct mmsghdr` of sendmmsg(2)."""

    _fields_ = (("message", _Message), ("sent", ctypes.c_uint))


def _system_call() -> Any:
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "sendmmsg", None)


_sendmmsg = _system_call()


class ManySender:
    """Sends datagrams over one connected socket.

    Args:
        one: a socket for datagrams; it must outlive this.
    """

    def __init__(self, one: socket.socket) -> None:
        self._socket = one
        # Address and length of each datagram, one after the other, as `struct iovec` has them.
        self._vectors = (ctypes.c_size_t * (2 * MAX_MESSAGES))()
        self._headers = (_Header * MAX_MESSAGES)()
        start = ctypes.addressof(self._vectors)
        for number, header in enumerate(self._headers):
            header.message.vectors = start + number * 2 * ctypes.sizeof(ctypes.c_size_t)
            header.message.vector_count = 1

    def send(self, datagrams: Sequence[bytes]) -> int:
        """Send the first of *datagrams*, as many as go at once; return how many, at least one.

        Raises:
            OSError: not even the first could be sent.
        """
        if _sendmmsg is None:
            self._socket.send(datagrams[0])
            return 1
        datagrams = datagrams[:MAX_MESSAGES]
        lengths = [*map(len, datagrams)]
        joined = b"".join(datagrams)  # one buffer, whose address is known
        start = ctypes.cast(ctypes.c_char_p(joined), ctypes.c_void_p).value or 0
        vectors: list[Any] = [0] * (2 * len(lengths))
        vectors[::2] = accumulate(lengths[:-1], initial=start)
        vectors[1::2] = lengths
        self._vectors[: len(vectors)] = vectors
        sent: int = _sendmmsg(self._socket.fileno(), self._headers, len(lengths), 0)
        if sent < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return sent
