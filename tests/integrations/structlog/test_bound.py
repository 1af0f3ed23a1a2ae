"""Loggers that carry context, of a class of our own."""

import asyncio
import copy
import pickle
import threading
from collections import OrderedDict

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from asynclog.integrations.structlog import AsynclogRenderer, make_filtering_bound_logger
from asynclog.levels import Level

from .chains import CHAIN, WRAPPERS, drop, logged, one


def test_asynchronous_methods_log(wrapper):
    """Those of structlog go through a thread; the context is the caller's all the same."""

    async def use(log):
        with bound_contextvars(request="r-17"):
            await log.ainfo("x", a=1)

    line = one(use, wrapper=wrapper)
    assert (line.level, line.message) == (Level.INFO, "x")
    assert line.attributes == {"request": "r-17", "a": 1}


def test_own_asynchronous_methods_run_in_the_task_that_calls():
    """So thread and task are the caller's, and no thread is waited for."""

    async def use(log):
        asyncio.current_task().set_name("caller")
        await log.ainfo("x")

    origin = one(use).origin
    assert (origin.task_name, origin.thread_id) == ("caller", threading.get_ident())


@pytest.mark.parametrize("name", ["own", "filtering", "stdlib"])
def test_what_the_chain_drops_is_dropped_asynchronously(name):
    """What the method returns may be awaited all the same."""
    chain = [drop, AsynclogRenderer()]
    sink = logged(lambda log: log.ainfo("x"), wrapper=WRAPPERS[name], processors=chain)
    assert sink.records == []


def test_a_context_of_another_class_is_taken():
    """structlog lets its user choose."""
    line = one(lambda log: WRAPPERS["own"](log._logger, CHAIN, OrderedDict(a=1)).info("x"))
    assert line.attributes == {"a": 1}


@pytest.mark.parametrize("level", ["info", 20])
def test_what_is_below_the_least_level_is_not_logged(level):
    """Nor does it cost anything; it may be awaited all the same."""

    async def use(log):
        await log.debug("x")
        await log.adebug("x")
        await log.log(10, "x")
        log.info("y")

    sink = logged(use, wrapper=make_filtering_bound_logger(level))
    assert [line.message for line in sink.records] == ["y"]


@pytest.mark.parametrize("number", [20, 25, 1, 99])
def test_a_number_between_two_levels_is_the_level_of_the_line(number):
    """Any number is one."""
    line = one(lambda log: log.log(number, "%s", "x"), wrapper=make_filtering_bound_logger(0))
    assert (line.level, line.message) == (number, "x")


def test_a_number_between_two_levels_goes_through_the_chain():
    """Processors are given the name of the lower one, and may drop the line."""
    names = []

    def refuse(_logger, name, _event):
        names.append(name)
        raise structlog.DropEvent

    assert logged(lambda log: log.log(25, "x"), processors=[refuse]).records == []
    assert names == ["info"]


def test_a_logger_of_others_is_given_a_number_as_a_method():
    """It is not known to take numbers."""
    output = structlog.testing.CapturingLogger()
    log = structlog.wrap_logger(
        output, processors=CHAIN, wrapper_class=make_filtering_bound_logger(0)
    )
    log.log(25, "x")
    assert [call.method_name for call in output.calls] == ["info"]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_logger_logs_the_same_way(wrapper, copied):
    """Objects that hold loggers are copied, too."""
    line = one(lambda log: copied(log.bind(a=1)).info("x"), wrapper=wrapper)
    assert (line.message, line.attributes) == ("x", {"a": 1})


def test_a_copy_that_is_deep_has_a_context_of_its_own():
    """What the first one's holds may change."""

    def use(log):
        values = [1]
        second = copy.deepcopy(log.bind(values=values))
        values.append(2)
        second.info("x")

    assert one(use).attributes == {"values": [1]}


@pytest.mark.parametrize("kind", ["own", "filtering"])
def test_a_pickled_logger_goes_with_the_process_that_unpickles_it(kind):
    """It has the same name and context, and that process's configuration."""
    made = structlog.testing.CapturingLoggerFactory()
    pickled = []
    logged(
        lambda log: pickled.append(pickle.dumps(log.bind(a=1))),
        wrapper=WRAPPERS[kind],
        processors=[AsynclogRenderer()],
    )
    structlog.configure(processors=[AsynclogRenderer()], logger_factory=made)
    pickle.loads(pickled[0]).info("x")
    structlog.reset_defaults()
    assert made.logger.calls[0].args == ({"a": 1, "event": "x"},)


def test_the_least_level_can_be_asked_for():
    """As with structlog's own classes."""
    log = make_filtering_bound_logger("warning")(None, [], {})
    assert (log.is_enabled_for(20), log.is_enabled_for(30)) == (False, True)
    assert log.get_effective_level() == 30


def test_an_unknown_level_is_refused():
    """With what is allowed."""
    with pytest.raises(ValueError, match="expected a whole number or one of TRACE"):
        make_filtering_bound_logger("loud")
