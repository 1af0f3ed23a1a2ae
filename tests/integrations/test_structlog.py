"""structlog in front of asynclog."""

import asyncio
import copy
import itertools
import json
import pickle
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import bound_contextvars, merge_contextvars

from asynclog import BufferedLogger, Handler, UnbufferedLogLineSender, scope
from asynclog.formatters import JSONFormatter, PatternFormatter
from asynclog.integrations.structlog import (
    MAX_SENDERS,
    METHODS,
    AsynclogRenderer,
    Logger,
    LoggerFactory,
    StructlogFormatter,
    make_filtering_bound_logger,
)
from asynclog.levels import Level
from asynclog.sinks import MemorySink
from asynclog.testing import run
from asynclog.tracebacks import capture

from ..making import Hostile, record

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
WRAPPERS = {
    "own": make_filtering_bound_logger("debug"),
    "filtering": structlog.make_filtering_bound_logger("debug"),
    "generic": structlog.BoundLogger,
    "stdlib": structlog.stdlib.BoundLogger,
}
CHAIN = [merge_contextvars, AsynclogRenderer()]


@pytest.fixture(params=WRAPPERS.values(), ids=WRAPPERS)
def wrapper(request):
    """Every class of bound loggers that people use."""
    return request.param


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


def fail():
    """Raise what is logged."""
    raise ValueError("no")


def one(use, **options):
    """Return the one record that *use* has logged."""
    (found,) = logged(use, **options).records
    return found


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


def test_a_wish_for_the_stack_is_granted(wrapper):
    """It ends where the line was logged."""
    stack = one(lambda log: log.info("x", stack_info=True), wrapper=wrapper).attributes["stack"]
    assert stack.splitlines()[-2].strip().startswith(f'File "{__file__}"')


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


def _drop(logger, name, event_dict):
    raise structlog.DropEvent


def test_what_the_chain_drops_is_dropped(wrapper):
    """`DropEvent` is obeyed."""
    chain = [_drop, AsynclogRenderer()]
    assert logged(lambda log: log.info("x"), wrapper=wrapper, processors=chain).records == []


@pytest.mark.parametrize("name", ["own", "filtering", "stdlib"])
def test_what_the_chain_drops_is_dropped_asynchronously(name):
    """What the method returns may be awaited all the same."""
    chain = [_drop, AsynclogRenderer()]
    sink = logged(lambda log: log.ainfo("x"), wrapper=WRAPPERS[name], processors=chain)
    assert sink.records == []


def test_processors_of_the_users_own_are_run(wrapper):
    """Before the last."""

    def add(logger, name, event_dict):
        return {**event_dict, "added": name}

    line = one(lambda log: log.info("x"), wrapper=wrapper, processors=[add, AsynclogRenderer()])
    assert line.attributes == {"added": "info"}


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

    def drop(_logger, name, _event):
        names.append(name)
        raise structlog.DropEvent

    assert logged(lambda log: log.log(25, "x"), processors=[drop]).records == []
    assert names == ["info"]


def test_a_logger_of_others_is_given_a_number_as_a_method():
    """It is not known to take numbers."""
    output = structlog.testing.CapturingLogger()
    log = structlog.wrap_logger(
        output, processors=CHAIN, wrapper_class=make_filtering_bound_logger(0)
    )
    log.log(25, "x")
    assert [call.method_name for call in output.calls] == ["info"]


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_what_a_chain_renders_to_bytes_is_text(wrapper, kind):
    """As the serializers do that are fast."""
    line = one(
        lambda log: log.info("é"),
        wrapper=wrapper,
        processors=[lambda _logger, _name, event: kind(event["event"].encode() + b"\xff")],
    )
    assert line.message == "é\\xff"


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


@pytest.mark.parametrize(("name", "level"), METHODS.items())
def test_every_method_has_its_level(name, level):
    """Called on a bound logger, and on what it wraps, with and without an `a`."""

    async def use(log):
        for logger in (log, structlog.BoundLogger(log._logger, CHAIN, {})):
            await getattr(logger, name)("x")
            await getattr(logger, f"a{name}")("x")

    sink = logged(use, wrapper=make_filtering_bound_logger(0))
    assert [line.level for line in sink.records] == [level] * 4


def test_the_least_level_can_be_asked_for():
    """As with structlog's own classes."""
    log = make_filtering_bound_logger("warning")(None, [], {})
    assert (log.is_enabled_for(20), log.is_enabled_for(30)) == (False, True)
    assert log.get_effective_level() == 30


def test_an_unknown_level_is_refused():
    """With what is allowed."""
    with pytest.raises(ValueError, match="expected a whole number or one of TRACE"):
        make_filtering_bound_logger("loud")


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


def test_the_place_of_the_call_is_found(wrapper):
    """Outside structlog and asynclog, where a formatter prints it."""
    formatter = PatternFormatter("{file}:{function}")
    line = logged(lambda log: log.info("x"), wrapper=wrapper, formatter=formatter).lines[0]
    assert line == ("test_structlog.py:test_the_place_of_the_call_is_found.<locals>.<lambda>")


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


def test_other_threads_may_log(wrapper):
    """A line from `to_thread` has the caller's context."""

    async def use(log):
        with bound_contextvars(request="r-17"):
            await asyncio.to_thread(log.info, "x")

    assert one(use, wrapper=wrapper).attributes == {"request": "r-17"}


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


def test_a_logger_takes_text_and_attributes_too():
    """For whoever uses it without structlog's classes."""
    line = one(lambda log: log._logger.log(30, "%s is full", "disk", a=1))
    assert (line.level, line.message, line.attributes) == (30, "disk is full", {"a": 1})


def test_keys_that_are_no_text_become_text():
    """Attributes have names."""
    line = one(lambda log: log._logger.info({"event": "x", 1: 2, None: 3}))
    assert line.attributes == {"1": 2, "None": 3}


def test_an_event_that_is_no_text_becomes_text(wrapper):
    """And is not called, even if it can be."""
    assert one(lambda log: log.info(ValueError), wrapper=wrapper).message == repr(ValueError)


def test_an_event_dict_is_not_changed_later():
    """A list that is changed after the call prints as it was."""
    items = [1]

    def use(log):
        log.info("x", items=items)
        items.append(2)

    assert one(use).attributes == {"items": [1]}


def test_a_formatter_runs_processors():
    """The last makes the text."""
    formatter = StructlogFormatter(structlog.processors.KeyValueRenderer(sort_keys=True))
    assert formatter.format(record(attributes={"n": 1})) == (
        "event='text' level='info' logger='a' n=1 timestamp='1970-01-01T00:00:00.000000Z'"
    )


def test_a_formatter_gives_processors_the_traceback():
    """As `format_exc_info` would."""
    formatter = StructlogFormatter(lambda _, __, event: event["exception"])
    assert formatter.format(record(exception=capture(ValueError("no")))) == "ValueError: no"


def test_a_formatter_takes_bytes():
    """Of a fast encoder."""
    assert StructlogFormatter(lambda *_: b"bytes").format_batch([record()] * 2) == ["bytes"] * 2


@pytest.mark.parametrize("outcome", [structlog.DropEvent, ValueError])
def test_a_line_that_a_formatters_processor_does_not_render_is_written_all_the_same(outcome):
    """The account says that it is."""

    def refuse(*_):
        raise outcome

    assert "[a]: text" in StructlogFormatter(refuse).format(record())


def test_a_formatters_processor_that_returns_no_text_is_no_renderer():
    """The line is written in the default form."""
    assert "text" in StructlogFormatter(lambda _, __, event: event).format(record())


@pytest.mark.parametrize("processors", [(), ("json",)])
def test_a_formatter_needs_processors(processors):
    """Callables, and at least one."""
    with pytest.raises(ValueError, match="processors: expected at least one callable"):
        StructlogFormatter(*processors)


def test_without_structlog_the_extra_is_named(monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "structlog", None)
    monkeypatch.delitem(sys.modules, "asynclog.integrations.structlog")
    with pytest.raises(ImportError, match=r"install asynclog-toolkit\[structlog\]"):
        __import__("asynclog.integrations.structlog")


def test_loggers_show_their_names():
    """Where somebody debugs."""
    assert repr(Logger("db", lambda: None, list)) == "Logger('db')"


def test_a_sender_without_a_buffer_takes_lines_too():
    """It has no thread of its own."""
    sink = MemorySink()

    async def main():
        async with UnbufferedLogLineSender("a", Handler(sink)) as sender:
            await sender.take(20, "x", {"n": 1})

    run(main())
    assert sink.records[0].attributes == {"n": 1}


def test_the_example_groups_lines_by_order(tmp_path):
    """Each order's lines stand together, with its number and the exception."""
    path = tmp_path / "orders.log"
    subprocess.run([sys.executable, EXAMPLES / "structlog_orders.py", path], check=True, timeout=30)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    labels = [label for label, _ in itertools.groupby(line["label"] for line in lines)]

    assert sorted(labels) == ["main", "order/1", "order/2", "order/3"]
    assert [line["message"] for line in lines if line.get("order") == 2][-1] == "order failed"
    assert "OutOfStock: lamp" in next(line["exception"] for line in lines if "exception" in line)
