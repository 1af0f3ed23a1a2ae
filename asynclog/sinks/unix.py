"""Lines to a program on the same machine, over a socket in the file system."""

from __future__ import annotations

import math
import os
import socket
from typing import TYPE_CHECKING, Literal

from ..units import parse_count
from .datagram import DatagramSink, parse_too_long
from .dialing import UnixDialer
from .forwarding import ForwardingSink
from .framing import encode_each, parse_framing
from .stream import StreamSink
from .tcp import CONNECT_SECONDS, RESEND_SECONDS

if TYPE_CHECKING:
    from .datagram import TooLong
    from .slicing import Encode

MAX_PATH = 107
"""Bytes that the path of a socket may have on Linux."""
MAX_DATAGRAM = 200_000
"""Bytes that one datagram carries with Linux's usual limits."""


class UnixSink(ForwardingSink):
    """Sends lines to the socket at *path*.

    It is connected with the first line, and again whenever that breaks, with growing pauses.  A
    receiver that reads nothing is waited for, because unlike a network a socket in the file system
    cannot lose its peer unnoticed.  On a stream, a line counts as written when the receiving
    program has read it.

    Args:
        path: of the socket; on Linux `"@name"` is one without a file.
        kind: `"stream"`, or `"datagram"` for one datagram a line.
        framing: of a stream: `"newline"`, or `"octet-counting"` as in RFC 6587.
        max_datagram: bytes, from 128.
        too_long: `"cut"` or `"drop"`: what becomes of a line that is longer; see `UDPSink`.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        kind: Literal["stream", "datagram"] = "stream",
        framing: Literal["newline", "octet-counting"] = "newline",
        max_datagram: int = MAX_DATAGRAM,
        too_long: TooLong = "cut",
    ) -> None:
        self.path = parse_socket_path(path)
        limit = parse_count(max_datagram, "max_datagram", least=128)
        frame = parse_framing(framing)
        too_long = parse_too_long(too_long)
        if kind not in ("stream", "datagram"):
            raise ValueError(f"kind: expected 'stream' or 'datagram', got {kind!r}")
        super().__init__(
            unix_stream(self.path, lambda batch: frame(batch.lines))
            if kind == "stream"
            else unix_datagrams(self.path, lambda batch: encode_each(batch.lines), limit, too_long)
        )

    def __repr__(self) -> str:
        return f"UnixSink({self.path!r})"


def parse_socket_path(path: str | os.PathLike[str], name: str = "path") -> str:
    """Return *path* as text, if a socket can be there.

    Raises:
        ValueError: it is no text, empty, too long, or holds a NUL.
    """
    text: object = os.fspath(path)  # also of those who do not heed types
    if not isinstance(text, str) or not text or "\0" in text or len(os.fsencode(text)) > MAX_PATH:
        raise ValueError(
            f"{name}: expected the path of a socket, up to {MAX_PATH} bytes, got {text!r}"
        )
    return text


def unix_stream(path: str, encode: Encode) -> StreamSink:
    """Return what sends over a stream socket; see `StreamSink`."""
    return StreamSink(
        UnixDialer(_address(path)),
        encode,
        connect_timeout=CONNECT_SECONDS,
        write_timeout=math.inf,
        resend=RESEND_SECONDS,
    )


def unix_datagrams(
    path: str, encode: Encode, max_datagram: int, too_long: TooLong = "cut"
) -> DatagramSink:
    """Return what sends over a datagram socket; see `DatagramSink`."""

    def connect() -> socket.socket:
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            one.connect(_address(path))
        except BaseException:
            one.close()
            raise
        return one

    return DatagramSink(connect, encode, max_datagram, f"asynclog {path}", too_long)


def _address(path: str) -> str:
    """Return what the system calls *path*: a leading `@` is how people write a NUL."""
    return f"\0{path[1:]}" if path.startswith("@") else path
