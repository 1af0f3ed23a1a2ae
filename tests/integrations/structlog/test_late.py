"""Lines that come when the logger is not open are not lost."""

import structlog

from asynclog import BufferedLogger, Handler, scope
from asynclog.integrations.structlog import LoggerFactory
from asynclog.sinks import MemorySink
from asynclog.testing import run

from .chains import CHAIN


def test_lines_from_before_the_logger_is_open_are_kept(wrapper):
    """They come first, with the time of the call; structlog does not raise, nor does this."""
    sink = MemorySink()

    async def main():
        builder = BufferedLogger(10, 60, handlers=Handler(sink))
        log = structlog.wrap_logger(LoggerFactory(builder)("db"), CHAIN, wrapper_class=wrapper)
        with scope(tenant="t"):
            log.info("early", a=1)
        log.info("earlier", exc_info=ValueError("no"))
        async with builder:
            log.info("then")

    run(main())
    assert [line.message for line in sink.records] == ["early", "earlier", "then"]
    assert sink.records[0].attributes == {"a": 1, "tenant": "t"}
    assert sink.records[1].exception.message == "no"


def test_lines_from_after_the_logger_has_closed_are_written(wrapper):
    """At once, in the calling thread."""
    sink = MemorySink()

    async def main():
        async with BufferedLogger(10, 60, handlers=Handler(sink)) as builder:
            factory = LoggerFactory(builder)
        log = structlog.wrap_logger(factory("db"), CHAIN, wrapper_class=wrapper)
        log.info("late", a=1)
        log.info("later", exc_info=None)

    run(main())
    assert [line.message for line in sink.records] == ["late", "later"]
