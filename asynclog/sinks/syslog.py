"""Lines to a syslog daemon, on this machine or another."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..units import parse_count
from .addresses import parse_host, parse_port
from .datagram import DatagramSink
from .dialing import TCPDialer
from .forwarding import ForwardingSink
from .framing import encode_each, parse_framing
from .priorities import Priorities
from .rfc3164 import RFC3164
from .rfc5424 import RFC5424, SD_ID
from .stream import StreamSink
from .tcp import CONNECT_SECONDS, RESEND_SECONDS, WRITE_SECONDS
from .tls import tls_contexts
from .udp import connect_udp
from .unix import parse_socket_path, unix_datagrams, unix_stream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from .forwarding import Carrier
    from .priorities import SeverityMap
    from .slicing import Encode

MAX_DATAGRAM = 8_192
"""Bytes that daemons take by default; RFC 5426 asks for 2,048 at least."""
TRANSPORTS = ("unix", "unix-stream", "udp", "tcp", "tls")
PORTS = {"udp": 514, "tcp": 514, "tls": 6514}
"""The usual port of each transport that has one."""


class SyslogSink(ForwardingSink):
    """Sends lines to a syslog daemon.

    Args:
        address: the path of the daemon's socket, which begins with `/` or `@`, or a host.
        port: of a host; None for the transport's usual one.
        transport: `"unix"` for datagrams to a path, which is usual there, or `"unix-stream"`;
            `"udp"`, which is usual for a host, `"tcp"` or `"tls"`.
        format: `"rfc5424"`, usual for a host, or `"rfc3164"`, which the daemon of this machine
            expects.
        facility: a name such as `"local0"`, or its number.
        severity: a mapping from levels to severities, or a callable; see `Priorities`.
        identity: the program's name; None for that of its first file.
        hostname: of this machine; None for what the system says.
        sd_id: names the structured data of RFC 5424, which holds label and attributes; None
            sends none.
        bom: whether the text of RFC 5424 begins with the byte order mark.
        framing: of a stream: `"octet-counting"` or `"newline"`.
        max_datagram: bytes, from 480; a longer message is cut, and says so.
        ca_file: with TLS, certificates of the authorities to trust; None for the system's.
        cert_file: with TLS, a certificate to show to the daemon.
        key_file: its key; None if that is in *cert_file*.
        server_name: with TLS, what the daemon's certificate must be for; None is *address*.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        address: str = "/dev/log",
        port: int | None = None,
        *,
        transport: Literal["unix", "unix-stream", "udp", "tcp", "tls"] | None = None,
        format: Literal["rfc5424", "rfc3164"] | None = None,  # noqa: A002 - the word for it
        facility: int | str = "user",
        severity: SeverityMap | None = None,
        identity: str | None = None,
        hostname: str | None = None,
        sd_id: str | None = SD_ID,
        bom: bool = False,
        framing: Literal["octet-counting", "newline"] = "octet-counting",
        max_datagram: int = MAX_DATAGRAM,
        ca_file: str | os.PathLike[str] | None = None,
        cert_file: str | os.PathLike[str] | None = None,
        key_file: str | os.PathLike[str] | None = None,
        server_name: str | None = None,
    ) -> None:
        self._peer = _parse_peer(address, port, transport)
        writer = _Writer(
            Priorities(facility, severity),
            hostname,
            identity or Path(sys.argv[0]).stem or "python",
            sd_id,
            bom,
        )
        messages = _messages(format, writer, local=self._peer.port is None)
        frame = parse_framing(framing)
        super().__init__(
            _carrier(
                self._peer,
                datagrams=lambda batch: encode_each(messages.format_batch(batch)),
                stream=lambda batch: frame(messages.format_batch(batch)),
                max_datagram=parse_count(max_datagram, "max_datagram", least=480),
                context=tls_contexts(self._peer.transport == "tls", ca_file, cert_file, key_file),
                server_name=server_name,
            )
        )

    def __repr__(self) -> str:
        return f"SyslogSink({self._peer})"


class _Peer(NamedTuple):
    """Where the daemon is, and how it is spoken to."""

    transport: str
    address: str
    port: int | None
    """None for a path."""

    def __str__(self) -> str:
        where = self.address if self.port is None else f"{self.address}:{self.port}"
        return f"{self.transport}://{where}"


class _Writer(NamedTuple):
    """Who writes, and what about it is told."""

    priorities: Priorities
    hostname: str | None
    identity: str
    sd_id: str | None
    bom: bool


def _messages(style: str | None, writer: _Writer, *, local: bool) -> RFC5424 | RFC3164:
    """Return what makes messages in *style*; None is what a daemon expects from where we are."""
    style = style or ("rfc3164" if local else "rfc5424")
    if style == "rfc5424":
        return RFC5424(
            writer.priorities,
            hostname=writer.hostname or socket.gethostname(),
            identity=writer.identity,
            process_id=os.getpid(),
            sd_id=writer.sd_id,
            bom=writer.bom,
        )
    if style == "rfc3164":
        return RFC3164(
            writer.priorities,
            hostname=writer.hostname or (None if local else socket.gethostname()),
            identity=writer.identity,
            process_id=os.getpid(),
        )
    raise ValueError(f"format: expected 'rfc5424' or 'rfc3164', got {style!r}")


def _parse_peer(address: str, port: int | None, transport: str | None) -> _Peer:
    is_path = str(address).startswith(("/", "@"))
    transport = transport or ("unix" if is_path else "udp")
    if transport not in TRANSPORTS:
        raise ValueError(f"transport: expected one of {', '.join(TRANSPORTS)}, got {transport!r}")
    if transport in PORTS:
        number = PORTS[transport] if port is None else parse_port(port)
        return _Peer(transport, parse_host(address, "address"), number)
    if port is not None:
        raise ValueError(f"port: expected None with the path of a socket, got {port!r}")
    return _Peer(transport, parse_socket_path(address, "address"), None)


def _carrier(
    peer: _Peer,
    *,
    datagrams: Encode,
    stream: Encode,
    max_datagram: int,
    context: Callable[[], ssl.SSLContext] | None,
    server_name: str | None,
) -> Carrier:
    """Return what brings messages to *peer*."""
    _, address, port = peer
    if peer.transport == "unix":
        return unix_datagrams(address, datagrams, max_datagram)
    if port is None:
        return unix_stream(address, stream)
    if peer.transport == "udp":
        return DatagramSink(
            lambda: connect_udp(address, port), datagrams, max_datagram, f"asynclog {peer}"
        )
    name = address if server_name is None else parse_host(server_name, "server_name")
    return StreamSink(
        TCPDialer(address, port, context, name, WRITE_SECONDS),
        stream,
        connect_timeout=CONNECT_SECONDS,
        write_timeout=WRITE_SECONDS,
        resend=RESEND_SECONDS,
    )
