"""What structlog's loggers wrap takes what comes out of a chain."""

import pytest
import structlog
from structlog.contextvars import merge_contextvars

from asynclog import BufferedLogger, Handler
from asynclog.integrations.structlog import (
    METHODS,
    AsynclogRenderer,
    Logger,
    LoggerFactory,
    make_filtering_bound_logger,
)
from asynclog.sinks import MemorySink
from asynclog.testing import run

from ...making import Hostile
from .chains import CHAIN, logged, one


def test_a_logger_takes_text_and_attributes_too():
    """For whoever uses it without structlog's classes."""
    line = one(lambda log: log._logger.log(30, "%s is full", "disk", a=1))
    assert (line.level, line.message, line.attributes) == (30, "disk is full", {"a": 1})


def test_a_chain_that_renders_gives_the_message(wrapper):
    """The logger takes text, too."""
    chain = [structlog.processors.JSONRenderer()]
    assert one(lambda log: log.info("x"), wrapper=wrapper, processors=chain).message == (
        '{"event": "x"}'
    )


def test_a_chain_without_a_renderer_gives_attributes(wrapper):
    """The logger takes keyword arguments."""
    line = one(lambda log: log.info("x", a=1), wrapper=wrapper, processors=[merge_contextvars])
    assert (line.message, line.attributes) == ("x", {"a": 1})


@pytest.mark.parametrize(("name", "level"), METHODS.items())
def test_every_method_has_its_level(name, level):
    """Called on a bound logger, and on what it wraps, with and without an `a`."""

    async def use(log):
        for logger in (log, structlog.BoundLogger(log._logger, CHAIN, {})):
            await getattr(logger, name)("x")
            await getattr(logger, f"a{name}")("x")

    sink = logged(use, wrapper=make_filtering_bound_logger(0))
    assert [line.level for line in sink.records] == [level] * 4


def test_structlogs_filter_by_level_knows_the_loggers_level():
    """It asks the wrapped logger."""
    sink = MemorySink()

    async def main():
        async with BufferedLogger(10, 60, handlers=Handler(sink), level="WARNING") as builder:
            chain = [structlog.stdlib.filter_by_level, AsynclogRenderer()]
            log = structlog.wrap_logger(
                LoggerFactory(builder)(), chain, wrapper_class=structlog.stdlib.BoundLogger
            )
            log.info("no")
            log.warning("yes", exc_info=None)
            assert not log.isEnabledFor(20)

    run(main())
    assert [line.message for line in sink.records] == ["yes"]


def test_a_line_that_is_not_wanted_costs_no_rendering():
    """Nothing of its event dict is looked at."""
    sink = MemorySink()

    async def main():
        async with BufferedLogger(10, 60, handlers=Handler(sink), level="ERROR") as builder:
            LoggerFactory(builder)().info({"event": Hostile(), "stack_info": Hostile()})

    run(main())
    assert sink.records == []


def test_loggers_show_their_names():
    """Where somebody debugs."""
    assert repr(Logger("db", lambda: None, list)) == "Logger('db')"
