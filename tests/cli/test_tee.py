"""Tests of asynclog.cli.tee."""

from asynclog import BufferedLogger, Handler, Level
from asynclog.cli.tee import Tee
from asynclog.sinks import MemorySink


async def test_every_line_goes_to_every_logger():
    """With its arguments and attributes, and a flush reaches all of them."""
    sinks = [MemorySink(), MemorySink()]
    loggers = [BufferedLogger(10, 60, handlers=[Handler(sink)]) for sink in sinks]
    async with loggers[0], loggers[1]:
        sender = Tee(loggers).sender_with_label("x")
        await sender.log(Level.INFO, "{} lines", 2, kind="test")
        await sender.flush()
        kept = [(r.label, r.message, r.attributes) for sink in sinks for r in sink.records]

    assert kept == [("x", "2 lines", {"kind": "test"})] * 2
