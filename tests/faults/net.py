"""Lines to a server."""

from __future__ import annotations

from typing import ClassVar

from asynclog.sinks import SyslogSink, TCPSink, UDPSink

from .base import LoggerAdapter


def _peer(target):
    host, _, port = target.rpartition(":")
    return host, int(port)


class TCPAdapter(LoggerAdapter):
    """Sends to host:port, over TLS if the options say so."""

    name = "asynclog_tcp"
    kinds: ClassVar[set[str]] = {"tcp"}
    durable = "peer"

    def make_sink(self):
        """Return a sink for the target."""
        return TCPSink(
            *_peer(self.target),
            tls=self.opts.get("tls", False),
            ca_file=self.opts.get("cafile"),
            framing=self.opts.get("framing", "newline"),
        )


class UDPAdapter(LoggerAdapter):
    """Sends datagrams to host:port."""

    name = "asynclog_udp"
    kinds: ClassVar[set[str]] = {"udp"}
    durable = "none"

    def make_sink(self):
        """Return a sink for the target."""
        return UDPSink(*_peer(self.target), too_long="drop")  # the auditor takes no halves


class SyslogAdapter(LoggerAdapter):
    """Sends syslog messages to host:port, or to the path of a socket."""

    name = "asynclog_syslog"
    kinds: ClassVar[set[str]] = {"syslog"}
    durable = "none"

    def make_sink(self):
        """Return a sink for the target."""
        if self.target.startswith("/"):
            return SyslogSink(self.target)
        return SyslogSink(*_peer(self.target), transport=self.opts.get("transport", "tcp"))
