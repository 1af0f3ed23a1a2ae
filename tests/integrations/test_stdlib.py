"""Lines of `logging` in a logger of asynclog."""

from __future__ import annotations

import asyncio
import importlib
import logging
import logging.config
import logging.handlers
import os
import queue
import subprocess
import sys
import threading
import warnings
import weakref

import pytest

from asynclog import BufferedLogger, Handler, current, scope
from asynclog.formatters import PatternFormatter
from asynclog.integrations import asyncio as reports
from asynclog.integrations import stdlib
from asynclog.integrations.asyncio import current_task
from asynclog.integrations.stdlib import AsynclogHandler, install, uninstall
from asynclog.sinks import MemorySink, StdlibSink
from asynclog.sinks.stdlib import HANDED_OVER, process_mark


@pytest.fixture(name="sink")
def _sink():
    return MemorySink()


@pytest.fixture(autouse=True)
def _nothing_open(monkeypatch):
    """No logger of another test is the one of the process."""
    monkeypatch.setattr(current, "_entries", [])
    monkeypatch.setattr(current, "_last", None)


@pytest.fixture(name="handlers")
def _handlers(sink):
    return Handler(sink, formatter=PatternFormatter("{message}"))


@pytest.fixture(name="name")
def _name(request):
    """The name of a logger that gets no handler but those of its test."""
    name = f"tests.{request.node.name}"
    logger = logging.getLogger(name)
    logger.setLevel(1)
    logger.propagate = False
    yield name
    logger.handlers.clear()


@pytest.fixture(name="logger")
def _logger(name):
    return logging.getLogger(name)


async def written(handlers, log, **options):
    """Return the records of what *log* logs, given a handler's options."""
    sink = handlers.sinks[0]
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        handler = AsynclogHandler(builder, **options)
        log(handler)
        await builder.flush()
    return sink.records


def one(handler, **fields):
    """Have *handler* handle a record of these fields."""
    handler.handle(logging.makeLogRecord({"name": "app.db", "levelno": 20, "msg": "x", **fields}))


# -- the record -----------------------------------------------------------------------------------


async def test_a_line_keeps_name_level_time_and_text(handlers):
    """The label is the logger's name."""
    fields = {"msg": "%d of %s", "args": (3, "ann"), "levelno": 35, "created": 1.25}
    (record,) = await written(handlers, lambda handler: one(handler, **fields))
    assert (record.label, record.level, record.time_ns) == ("app.db", 35, 1_250_000_000)
    assert (record.message, record.template) == ("3 of ann", "%d of %s")


async def test_what_is_extra_becomes_attributes(handlers):
    """So does the stack, where one was asked for."""
    fields = {"order": 17, "stack_info": "Stack (most recent call last): ..."}
    (record,) = await written(handlers, lambda handler: one(handler, **fields))
    assert record.attributes == fields


async def test_attributes_of_the_scope_are_added(handlers):
    """What is extra wins over them, as in a call of a sender."""

    def log(handler):
        with scope(request="r-17", order=0):
            one(handler, order=17)

    (record,) = await written(handlers, log)
    assert record.attributes == {"order": 17, "request": "r-17"}


async def test_an_exception_is_captured(handlers, logger):
    """With its type and its frames."""

    def log(handler):
        logger.addHandler(handler)
        try:
            {}["k"]
        except KeyError:
            logger.exception("failed")

    (record,) = await written(handlers, log)
    assert (record.message, record.level) == ("failed", 40)
    assert record.exception.type == "KeyError"


async def test_a_line_knows_its_place_in_the_source(handlers, logger):
    """File, line and function."""

    def log(handler):
        logger.addHandler(handler)
        logger.info("here")

    (record,) = await written(handlers, log)
    assert (record.caller.file, record.caller.function) == (__file__, "log")


async def test_a_formatter_that_was_set_makes_the_message(handlers):
    """Tracebacks included."""

    def log(handler):
        handler.setFormatter(logging.Formatter("<%(levelname)s> %(message)s"))
        one(handler, levelname="INFO", exc_info=(KeyError, KeyError("k"), None))

    (record,) = await written(handlers, log)
    assert record.message == "<INFO> x\nKeyError: 'k'"
    assert record.exception is None


async def test_the_text_of_an_exception_stays_where_the_exception_is_gone(handlers):
    """A `QueueHandler` leaves only that."""
    (record,) = await written(handlers, lambda handler: one(handler, exc_text="KeyError: 'k'"))
    assert record.message == "x\nKeyError: 'k'"


async def test_arguments_that_do_not_fit_do_not_lose_the_line(handlers, capsys):
    """The mistake is told as `logging` tells it."""
    fields = {"msg": "%d", "args": ("x",)}
    (record,) = await written(handlers, lambda handler: one(handler, **fields))
    assert (record.message, record.attributes) == ("%d", {"args": "('x',)"})
    assert "TypeError: %d format" in capsys.readouterr().err


async def test_a_formatter_that_fails_does_not_lose_the_line(handlers, capsys):
    """Its mistake is told, and the message does without it, as does the exception."""

    def log(handler):
        handler.setFormatter(logging.Formatter("%(message)s %(request)s"))
        one(handler, msg="a %d", args=(1,), exc_info=(KeyError, KeyError("k"), None))

    (record,) = await written(handlers, log)
    assert (record.message, record.exception.type) == ("a 1", "KeyError")
    assert "KeyError: 'request'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fields", "level"),
    [({"levelno": None}, 30), ({"levelno": "x"}, 30), ({"created": "x"}, 20), ({"name": None}, 20)],
)
async def test_a_record_from_elsewhere_may_hold_anything(handlers, capsys, fields, level):
    """As what a server has made of what came over a socket."""
    (record,) = await written(handlers, lambda handler: one(handler, **fields))
    assert (record.message, record.level, type(record.label)) == ("x", level, str)


async def test_a_record_from_elsewhere_does_not_keep_a_logger_from_opening(handlers, sink):
    """It is kept until then, and so are those behind it."""
    handler = AsynclogHandler()
    one(handler, levelno=None)
    one(handler, msg="y")
    async with BufferedLogger(100, 60.0, handlers=handlers):
        pass
    assert sink.lines == ["x", "y"]
    assert sink.records[0].attributes == {"bad_level": "None"}


async def test_who_logged_is_known_across_a_queue(handlers):
    """Another thread's record, and another process's, say so themselves."""
    fields = {"thread": 5, "threadName": "worker", "process": 7, "processName": "P"}
    (record,) = await written(handlers, lambda handler: one(handler, **fields))
    assert (record.origin.thread_name, record.origin.process_id) == ("worker", 7)


# -- labels ---------------------------------------------------------------------------------------


async def test_the_label_may_be_the_task(handlers):
    """That which logs; outside tasks it is the logger."""

    def log(handler):
        one(handler)
        threading.Thread(target=one, args=[handler]).start()

    asyncio.current_task().set_name("job-17")
    first, second = await written(handlers, log, label="task")
    assert (first.label, second.label) == ("job-17", "app.db")


async def test_the_label_may_be_what_a_callable_returns(handlers):
    """It is given the record; `current_task` is one."""
    (record,) = await written(handlers, one, label=lambda record: f"<{record.name}>")
    assert record.label == "<app.db>"
    assert callable(current_task)


@pytest.mark.parametrize("label", [lambda _: 1 / 0, lambda _: 17])
async def test_a_label_that_cannot_be_found_does_not_lose_the_line(handlers, capsys, label):
    """It is that of the logger, and the mistake is told."""
    (record,) = await written(handlers, one, label=label)
    assert (record.label, record.message) == ("app.db", "x")
    assert "Logging error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"label": "thread"}, "label: expected 'logger', 'task' or a callable, got 'thread'"),
        ({"capacity": 0}, "capacity: expected a whole number from 1 up, got 0"),
        ({"builder": "x"}, "builder: expected a BufferedLogger or None, got 'x'"),
    ],
)
def test_a_bad_argument_is_named(option, message):
    """With its value, and what is allowed."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        AsynclogHandler(**option)


# -- before, while, after -------------------------------------------------------------------------


async def test_lines_that_come_before_the_logger_are_kept(handlers, sink):
    """Until one is opened: the process's, where none was given."""
    handler = AsynclogHandler()
    one(handler, msg="early")
    async with BufferedLogger(100, 60.0, handlers=handlers):
        one(handler, msg="later")
    assert sink.lines == ["early", "later"]


async def test_a_given_logger_is_waited_for(handlers, sink):
    """Another one that opens gets nothing."""
    builder = BufferedLogger(100, 60.0, handlers=handlers)
    handler = AsynclogHandler(builder)
    one(handler, msg="early")
    other = MemorySink()
    async with BufferedLogger(100, 60.0, handlers=Handler(other)):
        assert len(handler._backlog) == 1
    async with builder:
        pass
    assert (sink.lines, other.lines) == (["early"], [])


async def test_of_too_many_lines_the_latest_are_kept(handlers, sink):
    """And the others are announced."""
    handler = AsynclogHandler(capacity=2)
    for i in range(5):
        one(handler, msg=str(i))
    async with BufferedLogger(100, 60.0, handlers=handlers):
        pass
    assert sorted(sink.lines) == ["3", "3 lines dropped: queue full", "4"]


async def test_lines_that_come_after_the_end_are_written_at_once(handlers, sink):
    """In the calling thread."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        handler = AsynclogHandler(builder)
    one(handler, msg="late")
    assert sink.lines == ["late"]


async def test_lines_that_come_while_the_logger_closes_are_written_when_it_has(handlers, sink):
    """The loop still writes what came before."""
    builder = await BufferedLogger(100, 60.0, handlers=handlers).open()
    handler = AsynclogHandler(builder)
    one(handler, msg="before")
    closing = asyncio.create_task(builder.aclose())
    await asyncio.sleep(0)
    one(handler, msg="meanwhile")
    await closing
    assert sink.lines == ["before", "meanwhile"]


def test_lines_that_no_logger_took_are_written_to_stderr(capsys):
    """When the handler is closed, as it is by `logging.shutdown`."""
    handler = AsynclogHandler()
    one(handler, msg="lost?")
    handler.close()
    one(handler, msg="and now?")
    assert "[app.db]: lost?\n" in (told := capsys.readouterr().err)
    assert "[app.db]: and now?\n" in told


async def test_the_shutdown_of_logging_writes_what_the_logger_holds(handlers, sink):
    """Which happens on the main thread, after the loop; what comes later is written, too."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        handler = AsynclogHandler(builder)
        one(handler, msg="held")
        await asyncio.to_thread(logging.shutdown, [weakref.ref(handler)])
        assert sink.lines == ["held"]
        one(handler, msg="late")
    assert sink.lines == ["held", "late"]


async def test_lines_of_other_threads_arrive(handlers, sink):
    """In their order."""

    def log(handler):
        thread = threading.Thread(target=lambda: [one(handler, msg=str(i)) for i in range(50)])
        thread.start()
        thread.join()

    await written(handlers, log)
    assert sink.lines == [str(i) for i in range(50)]


async def test_a_context_goes_with_tasks_and_threads(handlers, logger):
    """That of the caller, wherever Python carries it."""

    async def log(builder):
        logger.addHandler(AsynclogHandler(builder))
        with scope(request="r-17"):
            await asyncio.create_task(asyncio.to_thread(logger.info, "in a thread"))
        await asyncio.get_running_loop().run_in_executor(None, logger.info, "in an executor")

    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        await log(builder)
        await builder.flush()
    found = {record.message: record.attributes for record in handlers.sinks[0].records}
    assert found == {"in a thread": {"request": "r-17"}, "in an executor": None}


async def test_a_flush_in_a_thread_waits_for_the_sinks(handlers, sink):
    """On the loop's own thread it cannot, and returns at once."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        handler = AsynclogHandler(builder)
        one(handler, msg="x")
        handler.flush()
        assert sink.lines == []
        await asyncio.to_thread(handler.flush)
        assert sink.lines == ["x"]


# -- filters, levels, and what goes wrong ---------------------------------------------------------


async def test_filters_and_levels_hold(handlers, sink):
    """Those of the handler, and those that asynclog has for the label."""
    levels = {"app.*": "WARNING"}
    async with BufferedLogger(100, 60.0, handlers=handlers, levels=levels) as builder:
        handler = AsynclogHandler(builder, level="DEBUG")
        handler.addFilter(lambda record: record.msg != "unwanted")
        one(handler, msg="low")
        one(handler, msg="high", levelno=40)
        one(handler, msg="unwanted", levelno=40)
    assert sink.lines == ["high"]


async def test_what_a_filter_returns_is_logged(handlers, monkeypatch):
    """From Python 3.12 on, it may return another record."""
    other = logging.makeLogRecord({"name": "b", "levelno": 20, "msg": "instead"})

    def log(handler):
        monkeypatch.setattr(handler, "filter", lambda _: other)
        one(handler)

    (record,) = await written(handlers, log)
    assert record.message == "instead"


async def test_a_message_that_logs_for_ever_comes_to_an_end(handlers):
    """Lines that are nested too deep are dropped, and announced."""
    logger = logging.Logger("of this test alone")  # noqa: LOG001 - without pytest's handlers

    class Talking:
        def __str__(self):
            logger.info(Talking())
            return "text"

    def log(handler):
        logger.addHandler(handler)
        logger.info(Talking())
        logger.info("next")

    records = await written(handlers, log)
    assert [record.message for record in records].count("text") == 8
    assert {"next", "1 line dropped: queue full"} <= {record.message for record in records}


async def test_a_line_of_another_process_is_no_circle(handlers):
    """It may have gone through `logging` there, on its way to this one."""
    marked = {HANDED_OVER: process_mark() + "0"}
    (record,) = await written(handlers, lambda handler: one(handler, **marked, size=17))
    assert record.attributes == {"size": 17}


async def test_what_the_pipeline_logs_is_counted(sink, logger):
    """Written, it would beget another line for ever."""

    def talking(record):
        logger.info("a line is filtered")
        return True

    handler = Handler(sink, filter=talking)
    async with BufferedLogger(100, 60.0, handlers=handler) as builder:
        logger.addHandler(AsynclogHandler(builder))
        logger.info("x")
        await builder.flush()
        assert builder.statistics().dropped_by_cause == {"logged from inside the logger": 1}
    assert len(sink.lines) == 1


async def test_lines_do_not_go_round_in_a_circle(name, logger, sink):
    """A line that came from asynclog to `logging` does not come back, by a queue neither."""
    back, between = AsynclogHandler(), queue.SimpleQueue()
    logger.addHandler(back)
    logger.addHandler(logging.handlers.QueueHandler(between))
    listener = logging.handlers.QueueListener(between, back)
    listener.start()
    handlers = Handler(sink), Handler(StdlibSink(name))
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        await builder.sender_with_label("a").info("x")
        await builder.flush()
        listener.stop()
    assert len(sink.lines) == 1


# -- as people use it -----------------------------------------------------------------------------


async def test_a_dict_config_makes_one(handlers, sink, name):
    """It follows the logger that is opened later."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {
                "asynclog": {
                    "class": "asynclog.integrations.stdlib.AsynclogHandler",
                    "level": "INFO",
                    "label": "ext://asynclog.integrations.asyncio.current_task",
                }
            },
            "loggers": {name: {"handlers": ["asynclog"], "level": "DEBUG"}},
        }
    )
    async with BufferedLogger(100, 60.0, handlers=handlers):
        logging.getLogger(name).debug("low")
        logging.getLogger(name).info("x")
    assert [record.message for record in sink.records] == ["x"]
    assert sink.records[0].label == asyncio.current_task().get_name()


async def test_a_queue_may_lie_between(handlers, logger, sink):
    """The listener's thread hands the records over."""
    between = queue.SimpleQueue()
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        listener = logging.handlers.QueueListener(between, AsynclogHandler(builder))
        logger.addHandler(logging.handlers.QueueHandler(between))
        listener.start()
        logger.info("%d", 1, extra={"order": 17})
        listener.stop()
    assert (sink.lines, sink.records[0].attributes) == (["1"], {"order": 17})


async def test_a_memory_handler_may_stand_before(handlers, logger, sink):
    """It flushes at an error."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        target = AsynclogHandler(builder)
        logger.addHandler(logging.handlers.MemoryHandler(10, target=target))
        logger.info("before")
        logger.error("failed")
    assert sink.lines == ["before", "failed"]


async def test_warnings_are_captured(handlers, sink, name):
    """`install` sees to it, and `uninstall` undoes it."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        install(builder, logger="py.warnings")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", DeprecationWarning, stacklevel=1)
        uninstall("py.warnings")
    assert "DeprecationWarning: old" in sink.lines[0]
    assert sink.records[0].label == "py.warnings"


@pytest.mark.parametrize("logger", ["tests.lib", "pyramid"])
def test_warnings_stay_where_they_are_seen(logger):
    """Logged, those of the whole process would go to no handler at all."""
    install(logger=logger)
    assert logging._warnings_showwarning is None
    uninstall(logger)


def test_a_second_handler_leaves_warnings_to_the_first():
    """It may well want none of them."""
    install()
    install(logger="tests.lib", capture_warnings=False)
    uninstall("tests.lib")
    captured = logging._warnings_showwarning is not None
    uninstall()
    assert captured


async def test_installed_twice_it_logs_once(handlers, sink, name, logger):
    """The second takes the place of the first."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        install(builder, logger=name, capture_warnings=False)
        handler = install(builder, logger=name, level="INFO", capture_warnings=False)
        logger.debug("low")
        logger.info("x")
        ours = [one for one in logger.handlers if isinstance(one, AsynclogHandler)]
        assert ours == [handler]
    assert sink.lines == ["x"]


async def test_repr_names_the_logger():
    """And the level."""
    assert repr(AsynclogHandler(level="INFO")) == "AsynclogHandler(None, level='INFO')"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
async def test_a_forked_child_neither_repeats_nor_loses(tmp_path, handlers):
    """What was kept at the fork is the parent's; what the child logs is its own."""
    handler = AsynclogHandler(BufferedLogger(0, 0))
    one(handler, msg="the parent's")
    if (child := os.fork()) == 0:
        os._exit(len(handler._backlog))
    assert (await asyncio.to_thread(os.waitpid, child, 0))[1] == 0
    assert len(handler._backlog) == 1
    handler._backlog.disown()
    handler.close()


PROGRAM = """
import logging, sys
from asynclog.integrations.stdlib import install
install(level="INFO")
logging.getLogger("a").info("to whom?")
"""


def test_a_program_without_a_logger_says_it_on_stderr():
    """At its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=30
    )
    assert "[a]: to whom?" in done.stderr


@pytest.fixture(name="reloaded")
def _reloaded():
    """The module, made anew as by an autoreloader; afterwards as it was."""
    before = dict(vars(stdlib))
    yield importlib.reload(stdlib)
    vars(stdlib).update(before)


async def test_reloaded_it_replaces_the_handler_of_before(logger, name, sink, handlers, request):
    """Whose class is another one, of the same name."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        install(builder, logger=name)
        request.getfixturevalue("reloaded").install(builder, logger=name)
        logger.error("x")
    assert [record.message for record in sink.records] == ["x"]


async def test_reloaded_it_is_still_seen_above_the_logger_of_asyncio(sink, handlers, request):
    """What the root brings is not logged twice."""
    async with BufferedLogger(100, 60.0, handlers=handlers) as builder:
        reports.install(builder)
        request.getfixturevalue("reloaded").install(builder, capture_warnings=False)
        logging.getLogger("asyncio").error("x")
        uninstall()
        reports.uninstall()
    assert [record.message for record in sink.records] == ["x"]
