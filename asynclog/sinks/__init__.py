"""Sinks: where lines go."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .console import ConsoleSink
from .file import FileSink
from .memory import MemorySink
from .null import NullSink
from .rolling_file import RollingFileSink

if TYPE_CHECKING:
    from .stdlib import StdlibSink
    from .syslog import SyslogSink
    from .tcp import TCPSink
    from .udp import UDPSink
    from .unix import UnixSink

__all__ = [
    "ConsoleSink",
    "FileSink",
    "MemorySink",
    "NullSink",
    "RollingFileSink",
    "StdlibSink",
    "SyslogSink",
    "TCPSink",
    "UDPSink",
    "UnixSink",
]

# What needs the network needs libraries that take long to load; most programs write files.
_LATE = {
    "StdlibSink": ".stdlib",
    "SyslogSink": ".syslog",
    "TCPSink": ".tcp",
    "UDPSink": ".udp",
    "UnixSink": ".unix",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    sink = getattr(import_module(_LATE[name], __name__), name)
    globals()[name] = sink
    return sink
