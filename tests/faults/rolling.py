"""Lines in a file that is rolled all the time."""

from __future__ import annotations

import gzip
from pathlib import Path

from asynclog.sinks import RollingFileSink

from .base import LoggerAdapter


class RollingAdapter(LoggerAdapter):
    """Rolls by size, many times in a run; archives are numbered, so that they sort by age."""

    name = "asynclog_rolling"
    kinds = frozenset({"file", "rotating"})
    durable = "disk"
    durable_flush = True

    def make_sink(self):
        """Return a sink for the target."""
        return RollingFileSink(
            self.target,
            size=self.opts.get("size", "64KiB"),
            every=self.opts.get("every"),
            names=self.opts.get("names", "number"),
            compression=self.opts.get("compression"),
            reopen_on_hangup=True,
        )

    def output_files(self):
        """Return every file to audit, oldest first, and unpack those that are compressed."""
        target = Path(self.target)
        for packed in target.parent.glob("*.gz"):
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
            packed.unlink()
        stem = target.stem if self.opts.get("names") == "timestamp" else target.name
        archives = [path for path in target.parent.glob(f"{stem}.*") if path != target]
        if self.opts.get("names") != "timestamp":
            archives.sort(key=lambda path: int(path.suffix[1:]))
        else:
            archives.sort()
        return [str(path) for path in (*archives, target) if path.is_file()]
