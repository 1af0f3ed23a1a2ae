"""Lines in one file."""

from __future__ import annotations

from asynclog.sinks import FileSink

from .base import LoggerAdapter


class FileAdapter(LoggerAdapter):
    """Appends to the target; `flush` brings the lines to the disk."""

    name = "asynclog_file"
    kinds = frozenset({"file", "fifo"})
    durable = "disk"
    durable_flush = True

    def make_sink(self):
        """Return a sink for the target."""
        return FileSink(self.target, reopen_on_hangup=True, fsync=self.opts.get("fsync", False))
