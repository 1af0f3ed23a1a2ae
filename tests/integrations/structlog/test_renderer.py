"""The last processor hands on what the chain has made."""

import asyncio

from structlog.contextvars import bound_contextvars

from asynclog import scope
from asynclog.integrations.structlog import AsynclogRenderer
from asynclog.levels import Level

from .chains import drop, logged, one


def test_an_event_is_a_line(wrapper):
    """Its text the message, its level the method's, its label the logger's name."""
    line = one(lambda log: log.warning("almost full"), wrapper=wrapper)
    assert (line.label, line.level, line.message) == ("db", Level.WARNING, "almost full")
    assert line.attributes is None


def test_values_are_attributes_and_keep_their_types(wrapper):
    """Those of the call and those that were bound."""
    line = one(lambda log: log.bind(size=17, ok=True).info("x", rate=0.5), wrapper=wrapper)
    assert line.attributes == {"size": 17, "ok": True, "rate": 0.5}


def test_the_call_wins_over_what_was_bound(wrapper):
    """As in structlog."""
    assert one(lambda log: log.bind(a=1).info("x", a=2), wrapper=wrapper).attributes == {"a": 2}


def test_context_variables_of_structlog_are_attributes(wrapper):
    """What was bound to the logger wins over them."""

    def use(log):
        with bound_contextvars(request="r-17", a=0):
            log.bind(a=1).info("x")

    assert one(use, wrapper=wrapper).attributes == {"request": "r-17", "a": 1}


def test_without_the_processor_for_them_there_are_none(wrapper):
    """The chain decides."""

    def use(log):
        with bound_contextvars(request="r-17"):
            log.bind(a=1).info("x", b=2)

    line = one(use, wrapper=wrapper, processors=[AsynclogRenderer()])
    assert line.attributes == {"a": 1, "b": 2}


def test_a_scope_holds_too(wrapper):
    """And what structlog knows wins over it."""

    def use(log):
        with scope(tenant="t", a=0):
            log.info("x", a=1)

    assert one(use, wrapper=wrapper).attributes == {"tenant": "t", "a": 1}


def test_processors_of_the_users_own_are_run(wrapper):
    """Before the last."""

    def add(logger, name, event_dict):
        return {**event_dict, "added": name}

    line = one(lambda log: log.info("x"), wrapper=wrapper, processors=[add, AsynclogRenderer()])
    assert line.attributes == {"added": "info"}


def test_an_event_dict_is_not_changed_later():
    """A list that is changed after the call prints as it was."""
    items = [1]

    def use(log):
        log.info("x", items=items)
        items.append(2)

    assert one(use).attributes == {"items": [1]}


def test_what_the_chain_drops_is_dropped(wrapper):
    """`DropEvent` is obeyed."""
    chain = [drop, AsynclogRenderer()]
    assert logged(lambda log: log.info("x"), wrapper=wrapper, processors=chain).records == []


def test_other_threads_may_log(wrapper):
    """A line from `to_thread` has the caller's context."""

    async def use(log):
        with bound_contextvars(request="r-17"):
            await asyncio.to_thread(log.info, "x")

    assert one(use, wrapper=wrapper).attributes == {"request": "r-17"}
