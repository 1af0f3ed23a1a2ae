"""The factory gives loggers their labels, and configures them globally."""

import pytest
import structlog

from asynclog import BufferedLogger, Handler
from asynclog.integrations.structlog import LoggerFactory, make_filtering_bound_logger
from asynclog.integrations.structlog.factory import MAX_SENDERS
from asynclog.sinks import MemorySink
from asynclog.testing import run

from .chains import CHAIN, logged, one


def test_a_logger_without_a_name_is_the_root():
    """As that of `logging`."""
    assert one(lambda log: log.info("x"), name=None).label == "root"


def test_the_label_may_be_fixed():
    """For all loggers of a factory."""
    assert one(lambda log: log.info("x"), label="web").label == "web"


def test_the_label_may_be_asked_for_at_each_call(wrapper):
    """Such as the name of the task; with structlog's own asynchronous methods, too."""
    labels = iter(["a", "b"])

    def use(log):
        log.info("x")
        log.info("y", exc_info=None)

    sink = logged(use, wrapper=wrapper, label=lambda: next(labels))
    assert {line.label: line.message for line in sink.records} == {"a": "x", "b": "y"}


def test_a_label_that_cannot_be_had_is_the_loggers_name():
    """The line is kept."""
    assert one(lambda log: log.info("x"), label=lambda: 1 / 0).label == "db"


def test_senders_of_many_labels_are_not_kept_for_ever():
    """A label may be different each time."""
    labels = iter(range(MAX_SENDERS + 2))

    def use(log):
        for _ in range(MAX_SENDERS + 1):
            log.info("x")
        assert len(log._logger._find.func.__self__._senders) == 1

    assert len(logged(use, label=lambda: str(next(labels))).records) == MAX_SENDERS + 1


def test_a_label_of_another_kind_is_refused():
    """When the factory is made."""
    with pytest.raises(ValueError, match="label: expected a str, a callable or None, got 3"):
        LoggerFactory(None, label=3)


def test_configured_globally_loggers_may_be_made_before():
    """As modules do, with `get_logger` at their top."""
    early = structlog.get_logger("early")
    sink = MemorySink()

    async def main():
        async with BufferedLogger(10, 60, handlers=Handler(sink)) as builder:
            structlog.configure(
                processors=CHAIN,
                wrapper_class=make_filtering_bound_logger("info"),
                logger_factory=LoggerFactory(builder),
                cache_logger_on_first_use=True,
            )
            early.info("x")

    try:
        run(main())
    finally:
        structlog.reset_defaults()
    assert [(line.label, line.message) for line in sink.records] == [("early", "x")]
