"""What an event dict says becomes a line, whatever it holds."""

import json

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from asynclog.integrations.structlog import AsynclogRenderer
from asynclog.levels import Level

from ...making import Hostile
from .chains import WRAPPERS, fail, logged, one


def test_an_exception_is_kept(wrapper):
    """The one being handled."""

    def use(log):
        try:
            fail()
        except ValueError:
            log.exception("failed")

    line = one(use, wrapper=wrapper)
    assert (line.level, line.attributes) == (Level.ERROR, None)
    assert (line.exception.type, line.exception.message) == ("ValueError", "no")


@pytest.mark.parametrize("form", [lambda e: e, lambda e: (type(e), e, None), lambda _: True])
def test_an_exception_may_be_given_in_any_form(form, wrapper):
    """Itself, as `sys.exc_info()` gives it, or as a wish."""

    def use(log):
        try:
            fail()
        except ValueError as error:
            log.info("x", exc_info=form(error))

    assert one(use, wrapper=wrapper).exception.message == "no"


async def _failing(log):
    try:
        fail()
    except ValueError:
        await log.aexception("failed")


def test_an_exception_is_kept_asynchronously():
    """It is looked up at the call."""
    assert one(_failing).exception.message == "no"
    assert one(_failing, wrapper=WRAPPERS["filtering"]).exception.message == "no"


def test_a_stack_that_is_there_is_kept():
    """Whoever bridges `logging` has its text."""
    line = one(lambda log: log.info("x", stack_info="frames"))
    assert line.attributes == {"stack": "frames"}


@pytest.mark.parametrize("value", [False, None, 0])
def test_no_wish_for_a_stack_is_no_attribute(value):
    """And no stack."""
    assert one(lambda log: log.info("x", stack_info=value)).attributes is None


@pytest.mark.parametrize("name", ["own", "filtering", "stdlib"])
def test_positional_arguments_fill_in_the_text(name):
    """In the manner of `logging`; structlog's generic class takes none."""
    line = one(lambda log: log.info("%s of %d", "a", 2), wrapper=WRAPPERS[name])
    assert (line.message, line.attributes) == ("a of 2", None)


def test_a_mapping_fills_in_named_fields():
    """As `logging` has it."""
    assert one(lambda log: log.info("%(a)s", {"a": 1})).message == "1"


def test_arguments_that_do_not_fit_stand_behind_the_text():
    """With structlog's own classes they would raise."""
    assert one(lambda log: log.info("%d", "x")).message == "%d <arguments: x>"


def test_what_processors_of_structlog_have_added_is_not_said_twice(wrapper):
    """Level and logger are the line's own."""
    chain = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, AsynclogRenderer()]
    line = one(lambda log: log.info("x", a=1), wrapper=wrapper, processors=chain)
    assert (line.level, line.label, line.attributes) == (Level.INFO, "db", {"a": 1})


def test_a_level_or_logger_of_the_users_own_is_kept():
    """As an attribute."""
    line = one(lambda log: log.info("x", level=3, logger="other"))
    assert line.attributes == {"level": 3, "logger": "other"}


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_what_a_chain_renders_to_bytes_is_text(wrapper, kind):
    """As the serializers do that are fast."""
    line = one(
        lambda log: log.info("é"),
        wrapper=wrapper,
        processors=[lambda _logger, _name, event: kind(event["event"].encode() + b"\xff")],
    )
    assert line.message == "é\\xff"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.builds(Hostile),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from([*"abc", "event", "exc_info", "stack_info", "level", "logger"])
EVENTS = st.dictionaries(KEYS | st.integers() | st.text(), VALUES, max_size=6)


@given(st.lists(EVENTS | st.builds(lambda: {1: 2, "positional_args": Hostile()}), max_size=5))
def test_whatever_an_event_dict_holds_it_is_one_line(events):
    """Never an error, and never a line less."""

    def use(log):
        for event in events:
            log._logger.info(event)

    sink = logged(use)
    assert len(sink.lines) == len(events)
    assert all(type(json.loads(line)) is dict for line in sink.lines)


def test_an_event_dict_that_holds_itself_is_one_line():
    """As deep as it may seem."""
    event = {"event": "x"}
    event["self"] = event
    assert one(lambda log: log._logger.info(event)).message == "x"


def test_keys_that_are_no_text_become_text():
    """Attributes have names."""
    line = one(lambda log: log._logger.info({"event": "x", 1: 2, None: 3}))
    assert line.attributes == {"1": 2, "None": 3}


def test_an_event_that_is_no_text_becomes_text(wrapper):
    """And is not called, even if it can be."""
    assert one(lambda log: log.info(ValueError), wrapper=wrapper).message == repr(ValueError)
