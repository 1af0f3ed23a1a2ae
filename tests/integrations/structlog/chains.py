"""Logs through structlog, and returns what has come of it."""

import asyncio

import structlog
from structlog.contextvars import merge_contextvars

from asynclog import BufferedLogger, Handler
from asynclog.formatters import JSONFormatter
from asynclog.integrations.structlog import (
    AsynclogRenderer,
    LoggerFactory,
    make_filtering_bound_logger,
)
from asynclog.sinks import MemorySink

WRAPPERS = {
    "own": make_filtering_bound_logger("debug"),
    "filtering": structlog.make_filtering_bound_logger("debug"),
    "generic": structlog.BoundLogger,
    "stdlib": structlog.stdlib.BoundLogger,
}
CHAIN = [merge_contextvars, AsynclogRenderer()]


def logged(use, *, wrapper=WRAPPERS["own"], processors=CHAIN, formatter=None, name="db", **options):
    """Return the sink with what *use* has logged; it may return something to be awaited."""
    sink = MemorySink()

    async def main():
        handler = Handler(sink, formatter=formatter or JSONFormatter())
        async with BufferedLogger(100, 60.0, handlers=handler) as builder:
            factory = LoggerFactory(builder, **options)
            log = structlog.wrap_logger(
                factory(*([name] if name else [])), processors=processors, wrapper_class=wrapper
            )
            done = use(log)
            if done is not None:
                await done

    asyncio.run(main())
    return sink


def one(use, **options):
    """Return the one record that *use* has logged."""
    (found,) = logged(use, **options).records
    return found


def fail():
    """Raise what is logged."""
    raise ValueError("no")


def drop(*_):
    """Drop what comes."""
    raise structlog.DropEvent
