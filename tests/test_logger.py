"""Opening and closing a logger."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest

from asynclog import BufferedLogger, FlushError, Handler, LoggerClosed, Overflow
from asynclog.errors import LoggerNotOpen, SinkError
from asynclog.lifecycle import write_all
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, ScriptedSink

pytestmark = pytest.mark.virtual


def _messages(sink):
    return [record.message for record in sink.records]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_lines": -1}, "max_lines: expected a whole number from 0 up, got -1"),
        ({"max_lines": 1.5}, "max_lines: expected a whole number from 0 up, got 1.5"),
        ({"max_lines": True}, "max_lines: expected a whole number from 0 up, got True"),
        ({"max_age": -1}, "max_age: expected seconds from 0 up, or a timedelta, got -1"),
        ({"max_age": float("nan")}, "max_age: expected seconds .*, got nan"),
        ({"max_age": "5s"}, "max_age: expected seconds .*, got '5s'"),
        ({"capacity": 0}, "capacity: expected a whole number from 1 up, got 0"),
        ({"overflow": "WAIT"}, "overflow: expected an Overflow, such as Overflow.WAIT, got 'WAIT'"),
        ({"flush_level": "LOUD"}, "flush_level: expected .*, got 'LOUD'"),
        ({"level": "LOUD"}, "level: expected .*, got 'LOUD'"),
        ({"close_timeout": None}, "close_timeout: expected seconds .*, got None"),
        ({"handlers": []}, "handlers: expected at least one Handler, got none"),
        (
            {"handlers": [MemorySink()]},
            "handlers: expected Handler objects, such as .*, got MemorySink",
        ),
        ({"handlers": 7}, "handlers: expected a Handler, such as .*, or a list of them, got 7"),
    ],
)
def test_bad_arguments(options, message):
    """A bad argument is named, with its value and what is allowed."""
    with pytest.raises(ValueError, match=f"^{message}"):
        BufferedLogger(**{"max_lines": 1, "max_age": 1, **options})


async def test_ages_may_be_timedeltas():
    """A timedelta is as good as seconds."""
    sink = MemorySink()
    logger = BufferedLogger(10, timedelta(milliseconds=500), handlers=Handler(sink))
    async with logger:
        await logger.sender_with_label("a").info("x")
        await asyncio.sleep(0.6)

        assert _messages(sink) == ["x"]


async def test_leaving_writes_everything():
    """When the block ends, every line is in the sink, and the sink is closed."""
    sink = ScriptedSink([Delay(1), Delay(1)])
    async with BufferedLogger(2, 60, handlers=Handler(sink)) as logger:
        for label in "abc":
            await logger.sender_with_label(label).info(label)

    assert sorted(_messages(sink)) == ["a", "b", "c"]
    assert sink.closed == 1


async def test_aclose_returns_the_final_account_and_may_be_called_again():
    """Closing twice is closing once."""
    sink = ScriptedSink()
    logger = await BufferedLogger(2, 60, handlers=Handler(sink)).open()
    await logger.sender_with_label("a").info("x")
    first, second = await logger.aclose(), await logger.aclose()

    assert first == second
    assert (1, 1, 0, 0) == (first.accepted, first.emitted, first.dropped, first.buffered)
    assert sink.closed == 1


async def test_several_tasks_may_close():
    """All who close wait for the end."""
    sink = ScriptedSink([Delay(2)])
    logger = await BufferedLogger(2, 60, handlers=Handler(sink)).open()
    await logger.sender_with_label("a").info("x")
    counts = await asyncio.gather(logger.aclose(), logger.aclose())

    assert [1, 1] == [count.emitted for count in counts]


async def test_a_hung_sink_does_not_hang_closing():
    """Closing ends in time and counts what was not written."""
    sink = ScriptedSink([Hang()])
    logger = BufferedLogger(1, 60, handlers=Handler(sink), close_timeout=3)
    await logger.open()
    for i in range(5):
        await logger.sender_with_label("a").info(str(i))
    started = asyncio.get_running_loop().time()
    counts = await logger.aclose()

    assert asyncio.get_running_loop().time() - started <= 3.5
    assert counts.dropped_by_cause == {"not written when the logger closed": 5}
    assert (5, 0) == (counts.accepted, counts.buffered)


async def test_a_hung_sink_is_told_of(capsys):
    """What closing could not write is said on stderr."""
    logger = BufferedLogger(1, 60, handlers=Handler(ScriptedSink([Hang()])), close_timeout=1)
    async with logger:
        await logger.sender_with_label("a").info("x")

    assert "1 line not written to MemorySink" in capsys.readouterr().err


class Doubtful(MemorySink):
    """Cannot say whether its lines have arrived."""

    async def flush(self, *, durable=False):
        """Fail."""
        raise SinkError("nobody has answered")


async def test_what_could_not_be_flushed_in_time_is_told_of(capsys):
    """By the sink's own words, once."""
    loop = asyncio.get_running_loop()
    async with BufferedLogger(1, 60, handlers=Handler(Doubtful()), close_timeout=3) as logger:
        await logger.sender_with_label("a").info("x")
        started = loop.time()

    assert 2 < loop.time() - started <= 3.5
    told = "asynclog: closing: 1 line not in MemorySink(1 lines): SinkError: nobody has answered\n"
    assert capsys.readouterr().err == told


class Endless(MemorySink):
    """Never says whether its lines have arrived."""

    async def flush(self, *, durable=False):
        """Hang."""
        await asyncio.Event().wait()


async def test_a_flush_that_does_not_end_in_time_is_told_of(capsys):
    """The lines may be there; nobody knows."""
    async with BufferedLogger(1, 60, handlers=Handler(Endless()), close_timeout=3) as logger:
        await logger.sender_with_label("a").info("x")

    told = "asynclog: closing: 1 line not in MemorySink(1 lines): its flush did not end\n"
    assert told in capsys.readouterr().err


async def test_a_failing_sink_is_tried_until_the_time_is_over():
    """Closing gives a sink that comes back what it missed."""
    sink = ScriptedSink([Fail()] * 5)
    async with BufferedLogger(1, 60, handlers=Handler(sink)) as logger:
        await logger.sender_with_label("a").info("x")

    assert _messages(sink) == ["x"]


async def test_cancelled_while_closing():
    """A caller cancelled while it closes still waits for the end, then is cancelled."""
    sink = ScriptedSink([Delay(2)])
    logger = await BufferedLogger(1, 60, handlers=Handler(sink)).open()
    await logger.sender_with_label("a").info("x")
    closing = asyncio.ensure_future(logger.aclose())
    await asyncio.sleep(1)
    closing.cancel()
    await asyncio.wait([closing])

    assert closing.cancelled()
    assert _messages(sink) == ["x"]
    assert logger.statistics().buffered == 0


async def test_a_waiting_caller_is_told_of_the_end():
    """Who waits for room when the logger closes gets LoggerClosed; the line is not counted."""
    sink = ScriptedSink([Delay(2)])
    logger = await BufferedLogger(1, 60, handlers=Handler(sink), capacity=1).open()
    sender = logger.sender_with_label("a")
    await sender.info("0")
    waiting = asyncio.ensure_future(sender.info("1"))
    await asyncio.sleep(0)
    counts = await logger.aclose()

    with pytest.raises(LoggerClosed):
        await waiting
    assert (1, 1) == (counts.accepted, counts.emitted)


async def test_before_it_is_open():
    """A logger that is not open says how to open it."""
    logger = BufferedLogger(1, 1, handlers=Handler(MemorySink()))
    sender = logger.sender_with_label("a")

    with pytest.raises(LoggerNotOpen, match="async with"):
        sender.info("early")


async def test_a_logger_is_opened_once():
    """Opening again, open or closed, is refused."""
    logger = BufferedLogger(1, 1, handlers=Handler(MemorySink()))
    async with logger:
        with pytest.raises(LoggerClosed, match="the logger is open: a logger is opened once"):
            await logger.open()
    with pytest.raises(LoggerClosed, match="the logger is closed: a logger is opened once"):
        await logger.open()


async def test_closing_what_was_never_opened():
    """There is nothing to do, and nothing can be sent afterwards."""
    logger = BufferedLogger(1, 1, handlers=Handler(MemorySink()))
    counts = await logger.aclose()

    assert counts.accepted == 0
    with pytest.raises(LoggerClosed):
        logger.sender_with_label("a").info("late")


async def test_flush_of_everything():
    """A flush of the logger brings out all labels."""
    sink = MemorySink()
    async with BufferedLogger(100, 60, handlers=Handler(sink)) as logger:
        for label in "abc":
            await logger.sender_with_label(label).info(label)
        await logger.flush()

        assert _messages(sink) == ["a", "b", "c"]


async def test_durable_flush_reaches_the_sink():
    """`durable` is passed on to the sink."""
    sink = ScriptedSink()
    async with BufferedLogger(100, 60, handlers=Handler(sink)) as logger:
        await logger.sender_with_label("a").info("x")
        await logger.flush(durable=True)
        await logger.flush()

        assert sink.flushes == [True, False]


async def test_flush_waits_for_all_sinks_and_names_the_one_that_fails():
    """Every sink of every handler is asked."""
    slow, broken = ScriptedSink([Delay(3)]), ScriptedSink([Fail()] * 2)
    async with BufferedLogger(9, 60, handlers=[Handler(slow), Handler(broken)]) as logger:
        await logger.sender_with_label("a").info("x")
        with pytest.raises(FlushError) as caught:
            await logger.flush()

        assert _messages(slow) == ["x"]
        assert [1] == [failure.lines for failure in caught.value.failures]


async def test_handlers_are_independent():
    """A handler whose sink hangs delays no other."""
    good, hung = MemorySink(), ScriptedSink([Hang()])
    handlers = [Handler(hung), Handler(good)]
    logger = BufferedLogger(1, 60, handlers=handlers, capacity=100, close_timeout=1)
    async with logger:
        for i in range(50):
            await logger.sender_with_label("a").info(str(i))
        await asyncio.sleep(0.1)

        assert len(good.records) == 50


async def test_a_line_that_any_sink_wrote_is_emitted():
    """With several sinks a line is lost only if none has it."""
    good, broken = MemorySink(), ScriptedSink([Fail(error=ValueError("bug"))] * 9)
    async with BufferedLogger(1, 60, handlers=Handler(broken, good)) as logger:
        await logger.sender_with_label("a").info("x")

    counts = logger.statistics()
    assert (1, 0) == (counts.emitted, counts.dropped)


async def test_what_every_handler_rejects_is_dropped_as_filtered():
    """A line that no handler wants is in the account."""
    handler = Handler(MemorySink(), filter=lambda record: record.message != "no")
    async with BufferedLogger(1, 60, handlers=handler) as logger:
        await logger.sender_with_label("a").info("no")
        await logger.sender_with_label("a").info("yes")

    counts = logger.statistics()
    assert (1, {"rejected by filters": 1}) == (counts.emitted, counts.dropped_by_cause)


async def test_levels_of_handlers_decide_early():
    """A line that no handler's level admits is not even made."""
    handlers = [Handler(MemorySink(), level="ERROR"), Handler(MemorySink(), level="WARNING")]
    async with BufferedLogger(1, 60, handlers=handlers) as logger:
        await logger.sender_with_label("a").info("x")
        await logger.sender_with_label("a").warning("x")

    assert logger.statistics().accepted == 1


async def test_all_tasks_cancelled_from_outside():
    """Whoever cancels every task of the loop does not lose lines."""
    sink = MemorySink()
    async with BufferedLogger(2, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("0")
        await logger.flush()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)
        for i in range(1, 4):
            await sender.info(str(i))

    assert _messages(sink) == ["0", "1", "2", "3"]


async def test_nothing_is_left_behind():
    """After closing, the loop has no task and no timer of the logger's."""
    async with BufferedLogger(2, 60, handlers=Handler(MemorySink())) as logger:
        await logger.sender_with_label("a").info("x")
    loop = asyncio.get_running_loop()

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert [handle for handle in loop._scheduled if not handle.cancelled()] == []


async def test_dropped_without_closing_it_warns():
    """A logger that nobody can close any more warns of it."""
    logger = await BufferedLogger(2, 60, handlers=Handler(MemorySink())).open()
    engine = logger._engine

    with pytest.warns(ResourceWarning, match="unclosed BufferedLogger"):
        del logger
    await engine.close(1)


def test_never_closed_it_is_drained_and_warned_of_at_exit(tmp_path):
    """When the interpreter ends, the lines are written, and a warning tells of the omission."""
    code = (
        "import asyncio\n"
        "from asynclog import BufferedLogger, Handler\n"
        "from asynclog.sinks import FileSink\n"
        f"logger = BufferedLogger(100, 60, handlers=Handler(FileSink({str(tmp_path / 'x.log')!r})))\n"
        "async def main():\n"
        "    await logger.open()\n"
        "    for i in range(50): await logger.sender_with_label('a').info(f'line {i}')\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-W", "always::ResourceWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = (tmp_path / "x.log").read_text().splitlines()

    assert [f"line {i}" for i in range(50)] == [line.partition("]: ")[2] for line in lines]
    assert "ResourceWarning: unclosed BufferedLogger" in done.stderr


def test_repr_shows_limits_and_state():
    """The repr is a window on the state."""
    logger = BufferedLogger(5, 0.5, handlers=Handler(MemorySink()), overflow=Overflow.WAIT)

    assert repr(logger) == "BufferedLogger(max_lines=5, max_age=0.5, new)"


def _dies_while_closing(logger):
    """Log, and let the loop end in the middle of closing."""
    loop = asyncio.new_event_loop()

    async def begin():
        await logger.open()
        for label in "abc":
            await logger.sender_with_label(label).info(label)
        closing = asyncio.ensure_future(logger.aclose())
        await asyncio.sleep(0.01)
        return closing

    closing = loop.run_until_complete(begin())
    loop.set_exception_handler(lambda loop, context: None)
    loop.close()
    return closing


@pytest.mark.parametrize(
    "end", [lambda logger: asyncio.run(logger.aclose()), lambda _: write_all()]
)
def test_a_loop_that_dies_in_the_middle_of_closing_leaves_nothing_behind(end):
    """Whoever closes again, or the end of the process, writes what is left."""
    sink = ScriptedSink([Hang()])
    logger = BufferedLogger(100, 60, handlers=Handler(sink))
    closing = _dies_while_closing(logger)
    end(logger)
    account = logger.statistics()
    assert (account.accepted, account.emitted, account.buffered) == (3, 3, 0)
    assert sorted(_messages(sink)) == ["a", "b", "c"]
    closing._log_destroy_pending = False
