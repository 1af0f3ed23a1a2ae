"""The sinks of a configuration.

Each is imported when the first of its kind is made; its options are named as those of its class.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from .model import Count, OverflowName, Port, Seconds, SecondsOrZero, SinkPart, Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..protocols import Sink
    from .model import Build

Flush = Annotated[int, Meta(ge=0)] | str | None
Mode = Annotated[str, Meta(pattern="^(0o?)?[0-7]{3}$", examples=["0640"])]
"""Permissions in octal, as text: `"0640"`."""
ERR = 3
"""Syslog's severity of an error."""


class _Plain(SinkPart, frozen=True, kw_only=True):
    """A sink whose options are the arguments of its class."""

    CLASS: ClassVar[tuple[str, str]]
    """The module within `PACKAGE`, and the name in it."""
    PACKAGE: ClassVar[str] = "sinks"
    """Where in asynclog the module is."""

    def make(self, build: Build) -> Sink:
        """Return the sink."""
        module, name = self.CLASS
        kind = getattr(import_module(f"..{self.PACKAGE}.{module}", __package__), name)
        sink: Sink = kind(**self.arguments())
        return sink

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the class: all options that were set."""
        options = msgspec.structs.asdict(self)
        del options["filter"]
        return {name: value for name, value in options.items() if value is not None}


class Null(SinkPart, frozen=True, kw_only=True):
    """Nowhere."""

    filter: Any = None
    """Not looked at: nothing goes out here anyway."""

    def make(self, build: Build) -> Sink:
        """Return a `NullSink`."""
        from ..sinks import NullSink  # noqa: PLC0415 - used only if wanted

        return NullSink()


class Console(_Plain, frozen=True, kw_only=True):
    """Standard output or standard error."""

    CLASS = ("console", "ConsoleSink")

    stream: Literal["stdout", "stderr"] = "stdout"
    """Which of the two."""
    colour: bool | None = None
    """Whether lines are coloured by level; left out, terminals decide, and `NO_COLOR`."""


class _OnDisk(_Plain, frozen=True, kw_only=True):
    path: str
    """Of the file; missing directories are made."""
    flush: Flush = None
    """When it is flushed by itself: every so many lines, or bytes as `"10MB"`; left out, or 0, when
    it has nothing else to do."""
    fsync: bool = False
    """Whether each flush brings the lines to the disk."""
    mode: Mode | None = None
    """Permissions of a new file, in octal, as `"0640"`."""
    reopen_on_hangup: bool = False
    """Whether SIGHUP opens the file anew."""

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the class."""
        arguments = super().arguments()
        if self.mode is not None:
            arguments["mode"] = int(self.mode.replace("o", ""), 8)
        return arguments


class File(_OnDisk, frozen=True, kw_only=True):
    """A file, or, with an attribute's name in its path, one for each value: `logs/{tenant}.log`."""

    CLASS = ("file", "FileSink")

    max_open: Count | None = None
    """Files that stay open, where there are several."""


class RollingFile(_OnDisk, frozen=True, kw_only=True):
    """A file that is put away when it is full or its time is over."""

    CLASS = ("rolling_file", "RollingFileSink")

    size: Size | None = None
    """Bytes that no file exceeds, as `"100MB"`."""
    every: Literal["day", "hour"] | Seconds | None = None
    """The period of a file: a day, an hour, or seconds."""
    utc: bool = True
    """Whether days and names go by UTC, or by local time."""
    names: Literal["timestamp", "number"] = "timestamp"
    """What archives have in their names."""
    keep_files: Count | None = None
    """Archives to keep; left out, all, as with the next two."""
    keep_age: Seconds | None = None
    """Seconds that an archive is kept."""
    keep_size: Size | None = None
    """Bytes that all archives together may have, as `"10GB"`."""
    compression: Literal["gzip", "zstd"] | None = None
    """How archives are compressed."""


class _Remote(_Plain, frozen=True, kw_only=True):
    host: str
    """A name or an address."""
    port: Port
    """From 1 to 65535."""


class TCP(_Remote, frozen=True, kw_only=True):
    """A server, over TCP or TLS."""

    CLASS = ("tcp", "TCPSink")

    tls: bool = False
    """Whether to encrypt, and to verify the peer."""
    ca_file: str | None = None
    """Certificates of the authorities to trust; left out, the system's."""
    cert_file: str | None = None
    """A certificate to show to the peer."""
    key_file: str | None = None
    """Its key."""
    server_name: str | None = None
    """What the peer's certificate must be for; left out, the host."""
    framing: Literal["newline", "octet-counting"] = "newline"
    """What parts the lines."""
    connect_timeout: Seconds | None = None
    """Seconds."""
    write_timeout: Seconds | None = None
    """Seconds after which a peer that takes nothing is given up."""
    resend: SecondsOrZero | None = None
    """Seconds of acknowledged lines that are sent again after a break."""


class UDP(_Remote, frozen=True, kw_only=True):
    """A server, one datagram for each line."""

    CLASS = ("udp", "UDPSink")

    max_datagram: Annotated[int, Meta(ge=128)] | None = None
    """Bytes that a datagram may have."""
    too_long: Literal["cut", "drop"] = "cut"
    """What becomes of a line that is longer."""


class Unix(_Plain, frozen=True, kw_only=True):
    """A server on this machine."""

    CLASS = ("unix", "UnixSink")

    path: str
    """Of its socket."""
    kind: Literal["stream", "datagram"] = "stream"
    """Of the socket."""
    framing: Literal["newline", "octet-counting"] = "newline"
    """What parts the lines of a stream."""
    max_datagram: Annotated[int, Meta(ge=128)] | None = None
    """Bytes that a datagram may have."""
    too_long: Literal["cut", "drop"] = "cut"
    """What becomes of a line that is longer."""


class Syslog(_Plain, frozen=True, kw_only=True):
    """A syslog daemon, on this machine unless an address is given."""

    CLASS = ("syslog", "SyslogSink")

    priorities: tuple[int, ...] = ()
    """Severities of syslog by level from 0 on, as Blackhole has them; left out, the usual ones."""
    address: str | None = None
    """The path of the daemon's socket, or a host."""
    port: Port | None = None
    """Of a host."""
    transport: Literal["unix", "unix-stream", "udp", "tcp", "tls"] | None = None
    """How the daemon is spoken to."""
    format: Literal["rfc5424", "rfc3164"] | None = None
    """Of the messages."""
    facility: str | int | None = None
    """A name such as `local0`, or its number."""
    identity: str | None = None
    """The program's name."""
    hostname: str | None = None
    """The machine's name."""
    sd_id: str | None = None
    """Names the structured data of RFC 5424, label and attributes; empty, none are sent."""
    bom: bool = False
    """Whether the text of RFC 5424 begins with a byte order mark."""
    framing: Literal["octet-counting", "newline"] | None = None
    """What parts the messages of a stream."""
    max_datagram: Annotated[int, Meta(ge=480)] | None = None
    """Bytes; a longer message is cut."""
    ca_file: str | None = None
    """With TLS, certificates of the authorities to trust; left out, the system's."""
    cert_file: str | None = None
    """With TLS, a certificate to show to the daemon."""
    key_file: str | None = None
    """Its key."""
    server_name: str | None = None
    """With TLS, what the daemon's certificate must be for; left out, the address."""

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the class."""
        arguments = super().arguments()
        del arguments["priorities"]
        if self.sd_id == "":
            arguments["sd_id"] = None
        if self.priorities:
            arguments["severity"] = _severity_by_index(self.priorities)
        return arguments


def _severity_by_index(priorities: tuple[int, ...]) -> Callable[[int], int]:
    """Return Blackhole's rule: the priority at the place of the level, else an error."""

    def severity(level: int) -> int:
        return priorities[level] if 0 <= level < len(priorities) else ERR

    return severity


class Central(_Plain, frozen=True, kw_only=True):
    """Counted by group and second, to be gathered from Redis, or in a database at once."""

    CLASS = ("sink", "CentralSink")
    PACKAGE = "central"

    url: str
    """Of the server, as `rediss://user:password@host`, or of the database, as `sqlite:///a.db`."""
    namespace: str | None = None
    """Keeps several systems on one server apart."""
    shards: Annotated[int, Meta(ge=1, le=1024)] | None = None
    """Among which groups are spread, for a cluster."""
    flush_interval: Seconds | None = None
    """Seconds between two reports."""
    horizon: SecondsOrZero | None = None
    """Seconds that acknowledged reports are kept; not more than that of the gatherers."""
    spool: str | None = None
    """A directory for what the server does not have yet; left out, memory only."""
    logger: str | None = None
    """The application's name for this logger; groups then do not depend on labels."""
    max_groups: Count | None = None
    """Groups that are counted in memory at once."""
    max_bytes: Size | None = None
    """Bytes of their payloads, as `"16MiB"`."""


class StandardLibrary(_Plain, frozen=True, kw_only=True):
    """The `logging` of the standard library."""

    CLASS = ("stdlib", "StdlibSink")

    logger: str | None = None
    """The name of the logger; left out, the root."""
    by_label: bool = False
    """Whether a line's logger is the one of its label, below that."""


class Asynchronous(SinkPart, frozen=True, kw_only=True):
    """A sink behind a queue of its own, so that it waits for no other."""

    sink: SinkPart
    """The sink."""
    factor: Annotated[int, Meta(ge=2, le=20)] = 10
    """The queue has room for two to the power of this many lines."""
    overflow: OverflowName = "wait"
    """What happens to a line that finds no room."""

    @property
    def capacity(self) -> int:
        """Lines for which the queue has room."""
        return 1 << self.factor

    def make(self, build: Build) -> Any:
        """Return the sink itself; the queue is a handler's, which `build` makes."""
        return build(self.sink)
