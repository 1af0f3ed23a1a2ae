"""What a sender makes of a call."""

import asyncio

import pytest

from asynclog import (
    BufferedLogger,
    FlushError,
    Handler,
    Level,
    LoggerClosed,
    LogLineSender,
    LogSender,
    UnbufferedLogLineSender,
    scope,
    senders,
)
from asynclog.formatters import PatternFormatter
from asynclog.records import Caller
from asynclog.sinks import MemorySink
from asynclog.testing import Fail, ManualClock, ScriptedSink
from asynclog.tracebacks import capture

from .making import Hostile

pytestmark = pytest.mark.virtual


@pytest.fixture(name="sink")
def _sink():
    return MemorySink()


@pytest.fixture(name="logger")
async def _logger(sink):
    async with BufferedLogger(0, 0, handlers=Handler(sink), clock=ManualClock(7)) as logger:
        yield logger


@pytest.fixture(name="sender")
def _sender(logger):
    return logger.sender_with_label("ct/100")


async def _only(logger, sink):
    await logger.flush()
    (record,) = sink.records
    return record


def test_senders_keep_the_protocol(sender):
    """Both kinds of sender are LogSenders."""
    assert isinstance(sender, LogSender)
    assert isinstance(UnbufferedLogLineSender("x", Handler(MemorySink())), LogSender)


async def test_a_record_holds_the_call(logger, sink, sender):
    """Time, level, label and message are those of the call."""
    await sender.log(Level.INFO, "start sync")
    record = await _only(logger, sink)

    assert (7, 20, "ct/100", "start sync") == (
        record.time_ns,
        record.level,
        record.label,
        record.message,
    )


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("trace", 5),
        ("debug", 10),
        ("info", 20),
        ("warning", 30),
        ("warn", 30),
        ("error", 40),
        ("critical", 50),
        ("fatal", 50),
    ],
)
async def test_each_method_has_its_level(logger, sink, sender, name, level):
    """The method named after a level logs at it."""
    await getattr(sender, name)("text")

    assert level == (await _only(logger, sink)).level


async def test_any_int_is_a_level(logger, sink, sender):
    """A level need not have a name."""
    await sender.log(25, "text")

    assert (await _only(logger, sink)).level == 25


async def test_a_template_is_filled_in(logger, sink, sender):
    """Arguments fill the template; attributes stay beside it."""
    await sender.log(Level.INFO, "{} {} -> {}", "GET", "/", 404, cache=True)
    record = await _only(logger, sink)

    assert record.message == "GET / -> 404"
    assert record.template == "{} {} -> {}"
    assert record.attributes == {"cache": True}


async def test_a_message_without_arguments_is_no_template(logger, sink, sender):
    """Braces in a plain message are text."""
    await sender.info("{0.__class__} {")

    assert (await _only(logger, sink)).message == "{0.__class__} {"


async def test_attributes_keep_their_types(logger, sink, sender):
    """An attribute is what it was, not its text."""
    await sender.info("downloaded", size=17_600_000, ratio=0.5, ok=None)

    assert (await _only(logger, sink)).attributes == {"size": 17_600_000, "ratio": 0.5, "ok": None}


async def test_containers_are_as_they_were_at_the_call(logger, sink, sender):
    """A list that is changed after the call prints as it was."""
    items = [1]
    await sender.info("text", items=items)
    items.append(2)

    assert (await _only(logger, sink)).attributes == {"items": [1]}


async def test_a_lazy_message_is_called(logger, sink, sender):
    """A callable gives the text."""
    await sender.info(lambda: "made late")

    assert (await _only(logger, sink)).message == "made late"


async def test_a_lazy_message_below_the_level_is_not_called(sink):
    """What is not kept is not made."""
    called = []
    async with BufferedLogger(0, 0, handlers=Handler(sink), level="INFO") as logger:
        await logger.sender_with_label("x").debug(lambda: called.append(1))

    assert called == []
    assert logger.statistics().accepted == 0


async def test_bound_attributes(logger, sink, sender):
    """What is bound goes with every line; the original sender does not have it."""
    request = sender.bind(request_id="r-17").bind(user="bob")
    await request.info("one", size=1)
    await sender.info("two")
    await logger.flush()

    assert sink.records[0].attributes == {"size": 1, "user": "bob", "request_id": "r-17"}
    assert sink.records[1].attributes is None


async def test_any_name_can_be_bound(logger, sink, sender):
    """Also those that Python's own methods use."""
    await sender.bind(self=1, attributes=2).info("text", level=3, message=4)
    record = await _only(logger, sink)

    assert record.attributes == {"level": 3, "message": 4, "self": 1, "attributes": 2}


async def test_lookup_order(logger, sink, sender):
    """The call wins over what is bound, the nearer binding over the farther, these over scopes."""
    with scope(a=1, b=1, c=1, d=1, e=1), scope(a=2, b=2, c=2, d=2):
        await sender.bind(a=3, b=3, c=3).bind(a=4, b=4).info("text", a=5)

    assert (await _only(logger, sink)).attributes == {"a": 5, "b": 4, "c": 3, "d": 2, "e": 1}


async def test_tasks_inherit_the_scope(logger, sink, sender):
    """A task started inside a scope logs with its attributes, also after the scope has ended."""

    async def log():
        await sender.info("text")

    with scope(request_id="r"):
        task = asyncio.create_task(log())
    await task

    assert (await _only(logger, sink)).attributes == {"request_id": "r"}


async def test_exception(logger, sink, sender):
    """`exception` logs at ERROR, with the exception being handled."""
    try:
        int("boom")
    except ValueError:
        await sender.exception("failed", size=1)
    record = await _only(logger, sink)

    assert (40, {"size": 1}) == (record.level, record.attributes)
    assert ("ValueError", "invalid literal") == (
        record.exception.type,
        record.exception.message[:15],
    )


async def test_exc_info_takes_an_exception(logger, sink, sender):
    """`exc_info` may be an exception that is handled no more."""
    await sender.warning("failed", exc_info=KeyError("k"))

    assert (await _only(logger, sink)).exception.type == "KeyError"


async def test_origin_names_the_task(logger, sink, sender):
    """A record tells the task that logged it."""

    async def log():
        await sender.info("text")

    await asyncio.create_task(log(), name="worker 7")

    assert (await _only(logger, sink)).origin.task_name == "worker 7"


async def test_origins_of_interleaved_tasks(logger, sink, sender):
    """Each line tells its own task, however the tasks take turns."""

    async def log():
        for _ in range(3):
            await sender.info(asyncio.current_task().get_name())
            await asyncio.sleep(0)

    await asyncio.gather(*(asyncio.create_task(log(), name=f"t{i}") for i in range(3)))
    await logger.flush()

    assert [r.message for r in sink.records] == [r.origin.task_name for r in sink.records]


async def test_hostile_arguments(logger, sink, sender):
    """Whatever is logged, nothing comes out of the call, and one record comes in."""
    await sender.log(Level.INFO, Hostile(), attribute=Hostile())
    await sender.log(Level.INFO, "{} {}", Hostile())
    await sender.info("\udc80\0\x1b[31m\u2028")
    await logger.flush()

    assert len(sink.records) == len(sink.lines) == 3


async def test_a_huge_message_is_one_line(logger, sink, sender):
    """Ten million characters go through whole."""
    await sender.info("x" * 10_000_000)

    assert len((await _only(logger, sink)).message) == 10_000_000


async def test_a_line_after_close_is_refused(logger, sender):
    """Sending to a closed logger raises, and is not counted."""
    await logger.aclose()

    with pytest.raises(LoggerClosed, match="the logger is closed"):
        sender.info("late")
    assert logger.statistics().accepted == 0


async def test_flush_of_a_label_leaves_the_others():
    """Only the label's own lines go out."""
    sink = MemorySink()
    async with BufferedLogger(100, 60, handlers=Handler(sink)) as logger:
        a, b = logger.sender_with_label("a"), logger.sender_with_label("b")
        await a.info("1")
        await b.info("2")
        await a.flush()

        assert [r.message for r in sink.records] == ["1"]


async def test_flush_tells_of_a_sink_that_fails():
    """A flush that could not bring the lines out says where and how many."""
    sink = ScriptedSink([Fail()] * 3)
    async with BufferedLogger(100, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("1")
        await sender.info("2")

        with pytest.raises(FlushError, match=r"2 lines not in .*as planned"):
            await sender.flush()
    assert [r.message for r in sink.records] == ["1", "2"]


class _WithCaller:
    """A formatter that asks for the caller."""

    needs_caller = True

    def format(self, record):
        """Return the function that logged."""
        return record.caller.function


@pytest.mark.parametrize(
    "log",
    [
        lambda sender: sender.info("x"),
        lambda sender: sender.info("x", a=1),
        lambda sender: sender.log(20, "x"),
        lambda sender: sender.log(21, "x", a=1),
        lambda sender: sender.exception("x"),
    ],
)
async def test_caller_is_who_called_the_sender(sink, log):
    """Whichever method is called, the record names the code that called it."""
    handler = Handler(sink, formatter=_WithCaller())
    async with BufferedLogger(0, 0, handlers=handler) as logger:
        await log(logger.sender_with_label("x"))

    assert sink.lines == ["<lambda>"]
    assert sink.records[0].caller.file == __file__


@pytest.mark.parametrize("level", ["INFO", "info", "20", 20.0, None, "LOUD", []])
async def test_a_level_of_another_type_does_not_lose_the_line(logger, sink, sender, level):
    """What names a level is one; what does not is shown on a line that is a warning."""
    await sender.log(level, "text", size=1)
    record = await _only(logger, sink)

    assert (20, {"size": 1}) == (record.level, record.attributes) or (
        record.level == 30 and "bad_level" in record.attributes
    )


async def test_a_hostile_level(logger, sink, sender):
    """Not even a level that refuses every question loses the line."""
    await sender.log(Hostile(), "text")

    assert (await _only(logger, sink)).level == 30


async def test_many_odd_levels_are_not_kept(logger, sink, sender):
    """A program that logs at thousands of levels does not grow for that."""
    for level in range(100, 1_100):
        await sender.log(level, "text")
    await logger.flush()

    assert [record.level for record in sink.records] == list(range(100, 1_100))
    assert len(senders._METHODS) <= senders.MAX_METHODS


def test_repr_names_label_and_bound(sender):
    """The repr shows what a debugger wants, without the values."""
    assert "LogLineSender('ct/100', token=...)" == repr(sender.bind(token="secret"))


def test_labels_must_be_text(logger):
    """A label that is no text is refused where the sender is made."""
    with pytest.raises(ValueError, match=r"label: expected a str, got 7"):
        logger.sender_with_label(7)


def test_sender_is_the_public_class(sender):
    """What a builder gives is a LogLineSender."""
    assert type(sender) is LogLineSender


async def test_a_line_of_another_library_is_taken_as_it_is(logger, sink, sender):
    """Nothing in its text or attributes means anything."""
    await sender.take(30, "{} {{", {"exc_info": True}, capture(ValueError("no")))
    record = await _only(logger, sink)

    assert (record.level, record.message, record.template) == (30, "{} {{", None)
    assert (record.attributes, record.exception.message) == ({"exc_info": True}, "no")


async def test_a_line_of_another_library_has_what_is_bound_and_in_scope(logger, sink, sender):
    """Its own attributes win."""
    with scope(a="scope", b="scope", c="scope"):
        await sender.bind(a="bound", b="bound").take(20, "x", {"a": "own"})
    record = await _only(logger, sink)

    assert record.attributes == {"a": "own", "b": "bound", "c": "scope"}


async def test_a_line_of_another_library_below_the_level_goes_nowhere(logger, sink, sender):
    """And whether it would can be asked before it is made."""
    logger.set_level("WARNING")
    await sender.take(20, "x", {})
    await logger.flush()

    assert (sender.takes(20), sender.takes(30), sink.records) == (False, True, [])


async def test_a_line_of_another_library_waits_for_room(sink):
    """As any other."""
    handler = Handler(sink)
    async with BufferedLogger(10, 60, handlers=handler, capacity=1) as logger:
        sender = logger.sender_with_label("a")
        for number in range(3):
            await sender.take(20, str(number), {})

    assert [record.message for record in sink.records] == ["0", "1", "2"]


async def test_lines_of_another_library_fill_a_batch(sink):
    """Which goes out at once."""
    async with BufferedLogger(2, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("a")
        await sender.take(20, "1", {})
        await sender.take(20, "2", {})
        await asyncio.sleep(1)
        assert len(sink.records) == 2


async def test_a_line_of_another_library_may_come_from_a_sink(capsys):
    """It is refused there, for it would beget another for ever."""

    class Reentrant(MemorySink):
        async def write(self, batch):
            await sender.take(20, "again", {})
            await super().write(batch)

    sink = Reentrant()
    async with BufferedLogger(1, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("a")
        await sender.take(20, "once", {})

    assert [record.message for record in sink.records] == ["once"]
    assert "is not written" in capsys.readouterr().err


async def test_the_caller_of_another_library_is_asked_for_if_it_is_printed(sink):
    """By the library's own function, which knows its own frames."""
    place = Caller("app.py", 7, "main")
    handler = Handler(sink, formatter=PatternFormatter("{file}:{line}"))
    async with BufferedLogger(1, 60, handlers=handler) as logger:
        await logger.sender_with_label("a").take(20, "x", {}, None, lambda: place)

    assert sink.lines == ["app.py:7"]


@pytest.mark.parametrize("light", [False, True])
async def test_a_line_of_another_library_is_weighed(sink, light):
    """Unless its attributes are known to weigh nothing; its text always is."""
    async with BufferedLogger(10, 60, handlers=Handler(sink), capacity=10) as logger:
        await logger.sender_with_label("a").take(20, "x" * 3000, {"n": 1}, light=light)
        assert logger._engine.collector.ledger.heavy == 2
