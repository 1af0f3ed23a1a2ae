"""Sinks: where lines go."""

from .console import ConsoleSink
from .file import FileSink
from .memory import MemorySink
from .null import NullSink
from .rolling_file import RollingFileSink

__all__ = ["ConsoleSink", "FileSink", "MemorySink", "NullSink", "RollingFileSink"]
