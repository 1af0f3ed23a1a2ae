"""Servers that do as they are told, on the loop of the test."""

from __future__ import annotations

import asyncio
import socket
import struct


class Peer(asyncio.Protocol):
    """One connection, as the server sees it."""

    def __init__(self, server):
        self._server = server
        self.received = bytearray()

    def connection_made(self, transport):
        """Read, or do not."""
        self._transport = transport
        self._server.peers.append(self)
        if not self._server.reads:
            # Once asyncio has begun to read, as Python 3.11.2 does even if it was told to pause.
            asyncio.get_running_loop().call_soon(transport.pause_reading)

    def data_received(self, data):
        """Keep what came."""
        self.received += data

    def read(self):
        """Read on."""
        self._transport.resume_reading()

    def reset(self):
        """Break the connection; what was not read is lost."""
        one = self._transport.get_extra_info("socket")
        if one.family != socket.AF_UNIX:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def close(self):
        """Close the connection in good order."""
        self._transport.close()

    @property
    def lines(self):
        """The lines that came."""
        return self.received.decode().splitlines()


class Server:
    """Listens at a port of this machine, or at a path.

    Args:
        path: of a socket; None for a port.
        context: for TLS.
        reads: whether it reads what comes.
        buffer: bytes that the system keeps for a connection; None for the usual.
    """

    def __init__(self, path=None, *, context=None, reads=True, buffer=None):
        self._path = path
        self._context = context
        self._buffer = buffer
        self.reads = reads
        self.peers = []
        self.port = 0

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.stop()

    async def start(self):
        """Listen; again at the same place, if it did before."""
        loop = asyncio.get_running_loop()
        if self._path is not None:
            self._server = await loop.create_unix_server(lambda: Peer(self), self._path)
            return
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._buffer:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
        one.bind(("127.0.0.1", self.port))
        self.port = one.getsockname()[1]
        self._server = await loop.create_server(lambda: Peer(self), sock=one, ssl=self._context)

    async def stop(self):
        """Listen no more, and break all connections."""
        self._server.close()
        for peer in self.peers:
            peer._transport.abort()
        await asyncio.sleep(0)

    async def lines(self, count):
        """Return all lines of all connections, once there are *count* of them."""
        while True:
            lines = [line for peer in self.peers for line in peer.lines]
            if len(lines) >= count:
                return lines
            await asyncio.sleep(0.01)

    async def lines_of(self, number):
        """Return the lines of connection *number*, once there are some."""
        while len(self.peers) <= number or not self.peers[number].lines:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        return self.peers[number].lines


async def settle():
    """Let everything happen that can happen now."""
    for _ in range(20):
        await asyncio.sleep(0)
