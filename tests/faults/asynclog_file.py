"""Lets the black-box fault scripts drive asynclog with a file (or a named pipe) as its sink.

Run a script with `--adapter tests.faults.asynclog_file:ADAPTER`, this project's root and the
scripts' folder on PYTHONPATH.
"""

import warnings

from _lib import Adapter

from asynclog import BufferedLogger, Handler, Overflow
from asynclog.sinks import FileSink


class ADAPTER(Adapter):
    """The public API, called as a program would call it."""

    name = "asynclog_file"
    kinds = frozenset({"file", "fifo"})
    sync_log = False
    durable = "kernel"
    counts_drops = True

    def __init__(self, target, **options):
        super().__init__(target, **options)
        # The case `gc` drops the logger without closing it.  That asynclog warns of that is right
        # (tests/test_logger.py proves it), but the script takes any ResourceWarning for a fault.
        warnings.filterwarnings("ignore", "unclosed BufferedLogger", ResourceWarning)
        self.builder = BufferedLogger(
            max_lines=options.get("max_lines", 100),
            max_age=options.get("max_age", 0.2),
            handlers=[Handler(FileSink(target))],
            capacity=options.get("capacity", 65_536),
            overflow=getattr(Overflow, options.get("overflow", "WAIT")),
        )
        self.senders = {}

    async def open(self):
        await self.builder.open()

    def log(self, label, text):
        sender = self.senders.get(label)
        if sender is None:
            sender = self.senders[label] = self.builder.sender_with_label(label)
        return sender.info(text)

    async def flush(self):
        await self.builder.flush()

    async def close(self):
        await self.builder.aclose()

    def stats(self):
        counts = self.builder.statistics()
        return {
            name: getattr(counts, name) for name in ("accepted", "emitted", "dropped", "buffered")
        }
