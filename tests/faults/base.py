"""What all adapters have in common: a logger with one handler and one sink."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

from asynclog import BufferedLogger, Handler, Level, Overflow


class LineFormatter:
    """Writes the message and nothing else: the scripts' lines carry all that they check."""

    def format(self, record):
        """Return the message."""
        return record.message

    def format_batch(self, records):
        """Return the messages."""
        return [record.message for record in records]


class LoggerAdapter:
    """Opens a `BufferedLogger` with the sink that a subclass makes.

    Args:
        target: where the lines go, as the sink understands it.
        **opts: settings of the logger and of the sink, from the command line.
    """

    name = "asynclog"
    kinds = frozenset()
    sync_log = False
    durable = "kernel"
    counts_drops = True
    durable_flush = False

    def __init__(self, target, **opts):
        self.target, self.opts = target, opts
        # The case `gc` of api_abuse.py drops the logger without closing it.  That asynclog warns
        # of that is meant (tests/test_logger.py), but the script takes the warning for a fault.
        warnings.filterwarnings("ignore", "unclosed BufferedLogger", ResourceWarning)

    def make_sink(self):
        """Return the sink to test."""
        raise NotImplementedError

    async def open(self):
        """Open the logger."""
        handler = Handler(self.make_sink(), formatter=LineFormatter())
        self.builder = await BufferedLogger(
            self.opts.get("max_lines", 100),
            self.opts.get("max_age", 0.05),
            handlers=handler,
            capacity=self.opts.get("capacity", 65_536),
            overflow=getattr(Overflow, self.opts.get("overflow", "WAIT")),
            close_timeout=self.opts.get("close_timeout", 8.0),
        ).open()
        self.senders = {}

    def log(self, label, text):
        """Log one line."""
        sender = self.senders.get(label)
        if sender is None:
            sender = self.senders[label] = self.builder.sender_with_label(label)
        return sender.log(Level.INFO, text)

    async def flush(self):
        """Return when all lines are where the sink promises them to be."""
        await self.builder.flush(durable=self.durable_flush)

    async def close(self):
        """Close the logger."""
        await self.builder.aclose()

    def stats(self):
        """Return the logger's own account."""
        one = self.builder.statistics()
        return {
            "accepted": one.accepted,
            "emitted": one.emitted,
            "dropped": one.dropped,
            "buffered": one.buffered,
            "causes": one.dropped_by_cause,
        }

    def output_files(self):
        """Return every file to audit, oldest first."""
        target = Path(self.target)
        return [
            str(path)
            for path in sorted(target.parent.glob(f"{target.name}*"), key=_age)
            if path.is_file()
        ]


def _age(path):
    number = re.search(r"\.(\d+)$", path.name)
    return (int(number[1]) if number else float("inf"), path.name)
