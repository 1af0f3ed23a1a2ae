"""Lines to a logger of the standard library."""

from __future__ import annotations

import logging
import threading

import pytest

from asynclog.records import Batch, Caller, Origin, Record
from asynclog.sinks import StdlibSink
from asynclog.sinks.stdlib import LetsGo
from asynclog.testing import check_sink


class Kept(logging.Handler):
    """Keeps records."""

    def __init__(self):
        super().__init__()
        self.records, self.threads, self.flushes = [], set(), 0

    def emit(self, record):
        """Keep it."""
        self.records.append(record)
        self.threads.add(threading.current_thread().name)

    def flush(self):
        """Count."""
        self.flushes += 1


@pytest.fixture
def kept():
    """What a logger's handler got."""
    return Kept()


@pytest.fixture
def logger(kept):
    """A logger of its own."""
    one = logging.Logger("app")  # noqa: LOG001 - known to this test only
    one.addHandler(kept)
    return one


def record_of(text="text", level=30, **fields):
    """Return a record."""
    return Record(1_646_558_144_681_220_999, level, fields.pop("label", "ct/100"), text, **fields)


def write(sink, *records):
    """Write *records*, each as its message."""
    sink.write_now(Batch(list(records), [record.message for record in records]))


async def test_it_keeps_the_promises_of_a_sink(logger, kept):
    """Every line is a record, handled in the sink's thread."""
    await check_sink(StdlibSink(logger))
    assert [record.getMessage() for record in kept.records] == [f"check {i}" for i in range(10)]
    assert kept.threads == {"asynclog logging app"}
    assert kept.flushes >= 2


def test_a_record_has_what_logging_has(logger, kept):
    """Level, time, name; and the label beside them."""
    write(StdlibSink(logger), record_of())
    (found,) = kept.records
    assert (found.name, found.levelno, found.levelname, found.label) == (
        "app",
        30,
        "WARNING",
        "ct/100",
    )
    assert (found.created, found.msecs) == (pytest.approx(1_646_558_144.681221), 681)


def test_text_is_no_format(logger, kept):
    """A percent sign stays one."""
    write(StdlibSink(logger), record_of("100 %s"))
    assert kept.records[0].getMessage() == "100 %s"


def test_attributes_are_found_on_the_record(logger, kept):
    """One whose name is taken gets an underscore."""
    write(
        StdlibSink(logger),
        record_of(attributes={"size": 17, "name": "x", "label": "y", "message": "z"}),
    )
    (found,) = kept.records
    assert (found.size, found.name_, found.label_, found.message_) == (17, "x", "y", "z")
    assert (found.name, found.label) == ("app", "ct/100")


def test_origin_and_caller_are_those_of_the_call(logger, kept):
    """Not those of the sink's thread."""
    write(
        StdlibSink(logger),
        record_of(origin=Origin(1, "p", 2, 3, "t", "task"), caller=Caller("/a/b.py", 7, "f")),
    )
    (found,) = kept.records
    assert (found.process, found.processName, found.thread, found.threadName, found.taskName) == (
        1,
        "p",
        2,
        "t",
        "task",
    )
    assert (found.pathname, found.filename, found.lineno, found.funcName) == (
        "/a/b.py",
        "b.py",
        7,
        "f",
    )


def test_a_record_can_be_named_after_its_label(logger, kept):
    """Without a logger being made for it."""
    write(StdlibSink(logger, by_label=True), record_of(), record_of(label=""))
    assert [record.name for record in kept.records] == ["app.ct/100", "app"]
    assert "app.ct/100" not in logging.root.manager.loggerDict


def test_below_the_root_the_name_is_the_label():
    """Without a dot before it."""
    sink = StdlibSink(by_label=True)
    assert sink._target.encode(Batch([record_of()], ["x"]))[0].name == "ct/100"


def test_the_logger_s_level_holds(logger, kept):
    """It is the program's wish."""
    logger.setLevel("ERROR")
    write(StdlibSink(logger), record_of(), record_of(level=40))
    assert [record.levelno for record in kept.records] == [40]


def test_a_handler_that_raises_loses_no_other_line(logger, kept, capsys):
    """It is told of once."""
    raising = logging.Handler()
    raising.emit = lambda record: 1 / 0
    logger.addHandler(raising)
    write(StdlibSink(logger), record_of("a"), record_of("b"))
    assert [record.msg for record in kept.records] == ["a", "b"]
    assert (
        capsys.readouterr().err == "asynclog: a handler of logger 'app' failed: ZeroDivisionError\n"
    )


async def test_a_flush_leaves_out_who_has_nothing_of_ours():
    """It may lead to the very logger that waits for this flush."""

    class Back(Kept, LetsGo):
        pass

    back, logger = Back(), logging.Logger("app")  # noqa: LOG001 - known to this test only
    logger.addHandler(back)
    await StdlibSink(logger).flush()
    assert back.flushes == 0


async def test_a_flush_reaches_the_handlers_of_parents(logger, kept):
    """As far as records do."""
    child = logging.Logger("app.part")  # noqa: LOG001 - known to this test only
    child.parent = logger
    sink = StdlibSink(child)
    await sink.flush()
    child.propagate = False
    await sink.flush()
    await sink.aclose()
    assert kept.flushes == 1


@pytest.mark.parametrize(
    ("logger", "shown"),
    [(None, "root"), ("", "root"), ("a.b", "a.b"), (logging.getLogger("a"), "a")],
)
def test_a_logger_is_given_itself_or_by_name(logger, shown):
    """Repr shows its name."""
    assert repr(StdlibSink(logger)) == f"StdlibSink({shown!r})"


def test_anything_else_is_refused():
    """When the sink is made."""
    with pytest.raises(ValueError, match=r"^logger: expected a logger, its name or None, got 7"):
        StdlibSink(7)
