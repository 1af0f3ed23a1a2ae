"""Lines to a server, over UDP."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from ..units import parse_count
from .addresses import parse_host, parse_port
from .datagram import DatagramSink
from .framing import encode_each

if TYPE_CHECKING:
    from .datagram import TooLong

MAX_DATAGRAM = 65_507
"""Bytes that one datagram of IPv4 carries at most."""


class UDPSink(DatagramSink):
    """Sends each line to *host* and *port* as one datagram.

    Nobody acknowledges a datagram: one that the network or the receiver drops is lost, and cannot
    be counted.  Where the system learns that nobody listens, the lines are kept and tried again.

    Args:
        host: a name or an address; looked up with the first line, and after each failure.
        port: from 1 to 65,535.
        max_datagram: bytes, from 128.  Above the path's MTU, mostly 1,472, the network splits a
            datagram, and loses all of it if it loses a part.
        too_long: `"cut"` for a longer line to be cut, with a marker that tells its length, or
            `"drop"`, where half a record is worse than none: it is counted, and a line in its
            place says so.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        max_datagram: int = MAX_DATAGRAM,
        too_long: TooLong = "cut",
    ) -> None:
        self.host = parse_host(host)
        self.port = parse_port(port)
        limit = min(MAX_DATAGRAM, parse_count(max_datagram, "max_datagram", least=128))
        super().__init__(
            lambda: connect_udp(self.host, self.port),
            lambda batch: encode_each(batch.lines),
            limit,
            f"asynclog udp {self.host}",
            too_long,
        )

    def __repr__(self) -> str:
        return f"UDPSink(udp://{self.host}:{self.port})"


def connect_udp(host: str, port: int) -> socket.socket:
    """Return a socket whose datagrams go to the first address of *host* that has a route.

    Raises:
        OSError: there is none.
    """
    failure = OSError(f"no address for {host}")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_DGRAM
    ):
        one = socket.socket(family, kind, protocol)
        try:
            one.connect(address)
        except OSError as error:
            one.close()
            failure = error
        else:
            return one
    raise failure
