"""A server that writes all it receives to a file, and misbehaves while it is told to.

    python peer.py tcp HOST:PORT FILE
    python peer.py syslog PATH FILE

SIGUSR1 makes it reset each connection after a while, SIGUSR2 has it behave again; to make it
read nothing, stop it with SIGSTOP.  It says `ready` when it listens.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import struct
import sys

RESET_AFTER = 20_000
"""Bytes of a connection, while it misbehaves."""


class Peer:
    """Accepts connections, one loop for all.

    Args:
        listener: listens already.
        file: descriptor that takes what comes.
    """

    def __init__(self, listener: socket.socket, file: int) -> None:
        self._file = file
        self._resets = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, None)
        self._read: dict[socket.socket, bytearray] = {}
        signal.signal(signal.SIGUSR1, lambda *_: self._reset_from_now_on(resets=True))
        signal.signal(signal.SIGUSR2, lambda *_: self._reset_from_now_on(resets=False))

    def _reset_from_now_on(self, *, resets: bool) -> None:
        self._resets = resets

    def serve(self) -> None:
        """Serve until killed."""
        while True:
            for key, _ in self._selector.select():
                one = key.fileobj
                assert isinstance(one, socket.socket)
                if one in self._read:
                    self._receive(one)
                else:
                    connection, _ = one.accept()
                    self._read[connection] = bytearray()
                    self._selector.register(connection, selectors.EVENT_READ)

    def _receive(self, one: socket.socket) -> None:
        """Read what has come; of the lines, those that are whole go to the file at once."""
        try:
            data = one.recv(RESET_AFTER if self._resets else 1 << 20)
        except ConnectionError:
            data = b""
        text = self._read[one]
        text += data
        end = text.rfind(b"\n") + 1
        os.write(self._file, text[:end])
        del text[:end]
        if not data:
            self._drop(one)
        elif self._resets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._drop(one)

    def _drop(self, one: socket.socket) -> None:
        self._selector.unregister(one)
        del self._read[one]
        one.close()


def serve_tcp(address: str, file: int) -> None:
    """Serve at HOST:PORT."""
    host, _, port = address.rpartition(":")
    peer = Peer(socket.create_server((host, int(port))), file)
    print("ready", flush=True)
    peer.serve()


def serve_syslog(path: str, file: int) -> None:
    """Receive datagrams at *path*."""
    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.bind(path)
    print("ready", flush=True)
    while True:
        os.write(file, one.recv(1 << 20) + b"\n")


if __name__ == "__main__":
    _, kind, where, name = sys.argv
    SERVERS = {"tcp": serve_tcp, "syslog": serve_syslog}
    SERVERS[kind](where, os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
