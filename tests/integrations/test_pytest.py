"""The plugin of pytest, used by tests of programs that log."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from asynclog import BufferedLogger, Handler, Level, Overflow, UnbufferedLogLineSender
from asynclog.integrations.pytest import capturing
from asynclog.sinks import MemorySink, NullSink
from asynclog.testing import Fail, ManualClock, ScriptedSink

EXAMPLE = Path(__file__).parents[2] / "docs/examples/tested_service"
pytest_plugins = ["pytester", "pytest_asynclog"]
pytestmark = pytest.mark.virtual


@pytest.fixture(name="capture")
def _capture():
    with capturing() as capture:
        yield capture


def logger(*sinks, max_lines=100, **options):
    """Return a logger that keeps its lines for a minute."""
    return BufferedLogger(max_lines, 60.0, handlers=Handler(*(sinks or (NullSink(),))), **options)


async def test_a_line_is_seen_as_soon_as_it_was_logged(capture):
    """Whatever it waits for."""
    async with logger() as builder:
        await builder.sender_with_label("a").info("x", size=17)
        (record,) = capture.records

    assert (record.label, record.message, record.attributes) == ("a", "x", {"size": 17})


async def test_looking_changes_nothing(capture):
    """Lines wait for the minute that they are to wait for."""
    sink = MemorySink()
    async with logger(sink) as builder:
        await builder.sender_with_label("a").info("x")
        assert capture.messages == ["x"]
        await asyncio.sleep(59)
        assert sink.records == []
    assert capture.messages == ["x"]


async def test_records_stand_in_the_order_of_the_calls(capture):
    """Of all labels and all loggers, whichever were written first."""
    clock = ManualClock()
    async with logger(clock=clock) as one, logger(clock=clock) as other:
        senders = [one.sender_with_label("a"), other.sender_with_label("b")]
        for number in range(6):
            clock.advance(1)
            await senders[number % 2].info(str(number))
            await one.flush()

    assert capture.messages == list("012345")


async def test_the_text_is_that_of_the_default_form(capture):
    """One line for each record."""
    async with logger() as builder:
        await builder.sender_with_label("a").warning("x")
        await builder.sender_with_label("b").info("y")

    assert " [a]: x\n" in capture.text
    assert capture.text.count("\n") == 2


async def test_lines_of_another_thread_are_seen(capture):
    """Sooner or later."""
    async with logger() as builder:
        sender = builder.sender_with_label("a")
        thread = threading.Thread(target=lambda: sender.info("x"))
        thread.start()
        thread.join()
        await capture.wait_for(lambda record: record.message == "x")


async def test_lines_are_seen_from_another_thread(capture):
    """As where a test runs beside the program."""
    async with logger() as builder:
        await builder.sender_with_label("a").info("x")
        seen = []
        thread = threading.Thread(target=lambda: seen.extend(capture.messages))
        thread.start()
        thread.join()

    assert seen == ["x"]


async def test_a_sender_without_a_logger_is_seen(capture):
    """It has no buffer."""
    async with UnbufferedLogLineSender("a", Handler(NullSink())) as sender:
        await sender.info("x")

    assert capture.messages == ["x"]


async def test_lines_from_before_are_not_seen():
    """A logger may live longer than a test."""
    async with logger() as builder:
        await builder.sender_with_label("a").info("before")
        with capturing() as capture:
            await builder.sender_with_label("a").info("x")
            await builder.flush()
            assert capture.messages == ["x"]


async def test_lines_from_after_are_not_seen():
    """What was seen can still be read."""
    async with logger() as builder:
        with capturing() as capture:
            await builder.sender_with_label("a").info("x")
        await builder.sender_with_label("a").info("after")
        assert capture.messages == ["x"]
    async with logger():
        assert (capture.messages, repr(capture)) == (["x"], "Capture(1 line)")


async def test_what_was_seen_can_be_forgotten(capture):
    """Also lines that are written only later."""
    async with logger() as builder:
        await builder.sender_with_label("a").info("x")
        capture.clear()
        await builder.sender_with_label("a").info("y")
        await builder.flush()

    assert capture.messages == ["y"]


async def test_levels_can_be_lowered_for_a_while(capture):
    """Of loggers that are open, and of those that are opened meanwhile."""
    async with logger(level="ERROR", levels={"a": "WARNING"}) as builder:
        sender = builder.sender_with_label("a")
        await sender.info("no")
        with capture.at_level("DEBUG"):
            await sender.debug("yes")
            async with logger(level="ERROR") as other:
                await other.sender_with_label("b").debug("too")
        await sender.info("no")

    assert capture.messages == ["yes", "too"]


async def test_levels_can_be_lowered_below_those_of_handlers(capture):
    """They still write only what they are to write."""
    sink = MemorySink()
    async with BufferedLogger(100, 60, handlers=Handler(sink, level="ERROR")) as builder:
        with capture.at_level(Level.TRACE):
            await builder.sender_with_label("a").trace("x")

    assert (capture.messages, sink.records) == (["x"], [])


async def test_levels_may_be_set_within_one_another(capture):
    """And come back one after the other."""
    async with logger() as builder:
        sender = builder.sender_with_label("a")
        with capture.at_level("ERROR"):
            with capture.at_level("INFO"):
                await sender.info("a")
            await sender.info("b")
        await sender.info("c")

    assert capture.messages == ["a", "c"]


def test_a_level_that_is_none_is_refused(capture):
    """With what is allowed."""
    with pytest.raises(ValueError, match="expected a whole number or one of"):
        capture.at_level("loud").__enter__()


async def test_a_line_can_be_waited_for(capture):
    """The first that is meant is returned."""
    async with logger() as builder:
        sender = builder.sender_with_label("a")
        asyncio.get_running_loop().call_later(4, sender.info, "x")
        await sender.info("y")
        record = await capture.wait_for(lambda record: record.message == "x")

    assert record.message == "x"


async def test_a_line_that_does_not_come_fails_the_test(capture):
    """With what came instead."""
    async with logger() as builder:
        await builder.sender_with_label("a").info("y")
        with pytest.raises(AssertionError, match=r"no such line within 0.5 s, but:\n.*\[a\]: y"):
            await capture.wait_for(lambda record: record.message == "x", timeout=0.5)


async def test_nothing_at_all_is_said_to_be_so(capture):
    """Rather than to show an empty text."""
    with pytest.raises(AssertionError, match="but:\nnothing"):
        await capture.wait_for(lambda _: True, 0.1)


async def test_where_nothing_was_dropped_all_is_well(capture):
    """What a filter refuses is not dropped."""
    async with logger(filter=lambda record: False) as builder:
        await builder.sender_with_label("a").info("x")

    capture.assert_nothing_dropped()


async def test_what_was_dropped_fails_the_test(capture):
    """By cause."""
    async with logger(capacity=1, overflow=Overflow.DROP_NEWEST) as builder:
        for _ in range(3):
            await builder.sender_with_label("a").info("x")
        with pytest.raises(AssertionError, match=r"2 lines dropped \(queue full: 2\)"):
            capture.assert_nothing_dropped()


async def test_what_was_dropped_before_does_not_count():
    """It was another test's."""
    async with logger(ScriptedSink([Fail(error=ValueError())]), max_lines=1) as builder:
        await builder.sender_with_label("a").info("x")
        await asyncio.sleep(1)
        assert builder.statistics().dropped == 1
        with capturing() as capture:
            capture.assert_nothing_dropped()


ASYNC = """
    import pytest
    from asynclog import BufferedLogger, Handler
    from asynclog.sinks import NullSink

    {mark}
    @pytest.mark.parametrize("number", range(4))
    async def test_service(asynclog_capture, caplog, number):
        import logging
        async with BufferedLogger(10, 60.0, handlers=Handler(NullSink())) as builder:
            await builder.sender_with_label("a").info(str(number))
            logging.getLogger("b").warning("beside")
            await asynclog_capture.wait_for(lambda record: record.label == "a", timeout=1)
        assert asynclog_capture.messages == [str(number)]
        assert caplog.messages == ["beside"]
        asynclog_capture.assert_nothing_dropped()
"""
WAYS = {
    "auto": ("", ["-o", "asyncio_mode=auto"]),
    "strict": ("@pytest.mark.asyncio", ["-o", "asyncio_mode=strict"]),
    "anyio": ("@pytest.mark.anyio", ["-o", "asyncio_mode=strict"]),
    "xdist": ("", ["-o", "asyncio_mode=auto", "-n", "2"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_works_with(way, pytester):
    """Each plugin that runs tests that are coroutines, and in several processes, beside caplog."""
    mark, options = WAYS[way]
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'"
    )
    pytester.makepyfile(ASYNC.format(mark=mark))
    done = pytester.runpytest_inprocess("-p", "pytest_asynclog", "-W", "error", *options)
    done.assert_outcomes(passed=4)


def test_the_fixture_is_explained(pytester):
    """By `pytest --fixtures`."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    done = pytester.runpytest_inprocess("-p", "pytest_asynclog", "--fixtures")
    done.stdout.fnmatch_lines(["asynclog_capture*", "*See all that asynclog logs*"])


def test_a_run_that_does_not_use_it_does_not_import_asynclog():
    """It would cost time, and its import would be hidden from coverage."""
    code = "import sys, pytest_asynclog; print([n for n in sys.modules if n.startswith('asyncl')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"


def test_the_fixture_is_the_capture(asynclog_capture):
    """Here it is loaded by its entry point, or by this file."""
    assert repr(asynclog_capture) == "Capture(0 lines)"


def test_the_example_passes():
    """The tests of a small service, run as anybody would."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "pytest_asynclog", "--rootdir", EXAMPLE, "."],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "PYTEST_ADDOPTS": "-c /dev/null -p no:cacheprovider"},
    )
    assert "5 passed" in done.stdout, done.stdout
