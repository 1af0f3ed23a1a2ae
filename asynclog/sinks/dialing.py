"""Getting connected: what stands between a sink's settings and a stream of bytes."""

from __future__ import annotations

import asyncio
import socket
import ssl
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSStream

from .addresses import look_up
from .writer import WriterThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import AnyByteStream

for _late in ("anyio._backends._asyncio", "encodings.idna"):
    # Else loaded at the first connection, on the loop or with the interpreter's lock held.
    import_module(_late)

KEEPALIVE_IDLE = 20
"""Seconds without traffic after which the system asks whether the peer is still there."""
KEEPALIVE_INTERVAL = 5
KEEPALIVE_COUNT = 3


class Dialer(Protocol):
    """Makes connections to one peer."""

    async def dial(self) -> AnyByteStream:
        """Return a new connection; whoever calls sets a limit to the time.

        Raises:
            OSError: there is no connection to be had now.
        """
        ...

    def dial_now(self, seconds: float) -> socket.socket:
        """Return a new, blocking connection, without a loop, in *seconds*.

        Raises:
            OSError: there is no connection to be had now.
        """
        ...

    def close(self) -> None:
        """Let go of a thread, if there is one."""
        ...

    def inherit(self) -> None:
        """Forget, in a forked child, the parent's thread."""
        ...


class TCPDialer:
    """Connects to a host by name or address, each time looking it up anew.

    Args:
        host: a name or an address.
        port: from 1 to 65,535.
        context: makes the TLS context; None for no TLS.
        server_name: what the peer's certificate must be for.
        patience: seconds after which the system gives a peer up that acknowledges nothing.
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: Callable[[], ssl.SSLContext] | None,
        server_name: str,
        patience: float,
    ) -> None:
        self._host = host
        self._port = port
        self._context = context
        self._server_name = server_name
        self._patience = patience
        self._thread = WriterThread(f"asynclog look-up of {host}")

    async def dial(self) -> AnyByteStream:
        """Return a connection to the first address that answers; see `Dialer.dial`."""
        addresses = await look_up(self._host, self._port, self._thread)
        stream = await self._connect(addresses)
        try:
            self._set_options(raw_socket(stream))
            return stream if self._context is None else await self._wrap(stream, self._context)
        except BaseException:
            await anyio.aclose_forcefully(stream)
            raise

    def dial_now(self, seconds: float) -> socket.socket:
        """Return a blocking connection; see `Dialer.dial_now`."""
        plain = socket.create_connection((self._host, self._port), seconds)
        if self._context is None:
            return plain
        try:
            return self._context().wrap_socket(plain, server_hostname=self._server_name)
        except BaseException:
            plain.close()
            raise

    def close(self) -> None:
        """End the thread."""
        self._thread.stop()

    def inherit(self) -> None:
        """Have a thread of its own; see `Dialer.inherit`."""
        self._thread.inherit()

    async def _connect(self, addresses: list[str]) -> anyio.abc.SocketStream:
        """Try each address for its share of the time that is left."""
        failure = OSError(f"no address for {self._host}")
        for address in addresses:
            try:
                return await anyio.connect_tcp(address, self._port)
            except OSError as error:
                cause = error.__cause__  # of the one attempt, where anyio tells of all of them
                failure = cause if isinstance(cause, OSError) else error
        raise failure

    async def _wrap(
        self, stream: AnyByteStream, context: Callable[[], ssl.SSLContext]
    ) -> AnyByteStream:
        # Reading the authorities' certificates takes long: not on the loop.
        made = await asyncio.wrap_future(self._thread.submit(context))
        try:
            return await TLSStream.wrap(stream, hostname=self._server_name, ssl_context=made)
        except (anyio.EndOfStream, anyio.BrokenResourceError, ssl.SSLZeroReturnError) as error:
            # The last is what Python 3.11.2 says of it.
            raise ConnectionError("the peer hung up in the TLS handshake") from error

    def _set_options(self, raw: socket.socket) -> None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        options = {
            "TCP_KEEPIDLE": KEEPALIVE_IDLE,
            "TCP_KEEPINTVL": KEEPALIVE_INTERVAL,
            "TCP_KEEPCNT": KEEPALIVE_COUNT,
            "TCP_USER_TIMEOUT": int(self._patience * 1000),
        }
        for name, value in options.items():
            if hasattr(socket, name):  # not every system has all of them
                raw.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def raw_socket(stream: AnyByteStream) -> socket.socket:
    """Return the socket below *stream*, for its options and counters."""
    return stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not the one of Django


class UnixDialer:
    """Connects to a stream socket in the file system.

    Args:
        path: of the socket.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    async def dial(self) -> AnyByteStream:
        """Return a connection; see `Dialer.dial`."""
        return await anyio.connect_unix(self._path)

    def dial_now(self, seconds: float) -> socket.socket:
        """Return a blocking connection; see `Dialer.dial_now`."""
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            one.settimeout(seconds)
            one.connect(self._path)
        except BaseException:
            one.close()
            raise
        return one

    def close(self) -> None:
        """Do nothing: there is no thread."""

    def inherit(self) -> None:
        """Do nothing: there is no thread."""
