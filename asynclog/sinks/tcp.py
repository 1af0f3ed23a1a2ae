"""Lines to a server, over TCP or TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..units import parse_seconds
from .addresses import parse_host, parse_port
from .dialing import TCPDialer
from .framing import parse_framing
from .stream import StreamSink
from .tls import tls_contexts

if TYPE_CHECKING:
    import os
    import ssl
    from datetime import timedelta

CONNECT_SECONDS = 5.0
"""For looking up, connecting and agreeing on TLS together, unless told otherwise."""
WRITE_SECONDS = 8.0
"""Without any acknowledgement of the peer's system, unless told otherwise."""
RESEND_SECONDS = 5.0
"""Of acknowledged lines, which are sent again after a break, unless told otherwise."""


class TCPSink(StreamSink):
    """Sends lines to *host* and *port*.

    The connection is made with the first line, and again whenever it breaks, with growing pauses;
    the host is looked up each time, and every address of it tried.  Meanwhile lines wait in their
    handler, within its capacity.  A line counts as written when the peer's system has acknowledged
    it.  What it acknowledged in the last seconds before a break is sent again, because the peer's
    program may never have read it: a line may come twice, but none is lost without a count.

    Args:
        host: a name or an address.
        port: from 1 to 65,535.
        tls: whether to encrypt, and to verify the peer's certificate against *host*; or a context
            of one's own, which then decides what is verified.
        ca_file: certificates of the authorities to trust; None for those of the system.
        cert_file: a certificate to show to the peer.
        key_file: its key; None if that is in *cert_file*.
        server_name: what the peer's certificate must be for; None is *host*.
        framing: `"newline"`, or `"octet-counting"` as in RFC 6587.
        connect_timeout: seconds, or a timedelta.
        write_timeout: seconds, or a timedelta, after which a peer that takes nothing is given up.
        resend: seconds, or a timedelta, of acknowledged lines that are sent again after a break;
            0 for none.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: bool | ssl.SSLContext = False,
        ca_file: str | os.PathLike[str] | None = None,
        cert_file: str | os.PathLike[str] | None = None,
        key_file: str | os.PathLike[str] | None = None,
        server_name: str | None = None,
        framing: Literal["newline", "octet-counting"] = "newline",
        connect_timeout: float | timedelta = CONNECT_SECONDS,
        write_timeout: float | timedelta = WRITE_SECONDS,
        resend: float | timedelta = RESEND_SECONDS,
    ) -> None:
        self.host = parse_host(host)
        self.port = parse_port(port)
        patience = parse_seconds(write_timeout, "write_timeout")
        context = tls_contexts(tls, ca_file, cert_file, key_file)
        name = self.host if server_name is None else parse_host(server_name, "server_name")
        frame = parse_framing(framing)
        self._scheme = "tcp" if context is None else "tls"
        super().__init__(
            TCPDialer(self.host, self.port, context, name, patience),
            lambda batch: frame(batch.lines),
            connect_timeout=parse_seconds(connect_timeout, "connect_timeout"),
            write_timeout=patience,
            resend=0.0 if resend == 0 else parse_seconds(resend, "resend"),
        )

    def __repr__(self) -> str:
        return f"TCPSink({self._scheme}://{self.host}:{self.port})"
