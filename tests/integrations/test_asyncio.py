"""What asyncio reports, in a logger."""

from __future__ import annotations

import asyncio
import gc
import logging
import time

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations import asyncio as reports
from asynclog.integrations import stdlib
from asynclog.sinks import MemorySink


@pytest.fixture(name="sink")
def _sink():
    return MemorySink()


@pytest.fixture(name="builder")
async def _builder(sink):
    """A logger to which the loop's reports go."""
    handler = Handler(sink, formatter=PatternFormatter("{message}"))
    async with BufferedLogger(100, 60.0, handlers=handler) as builder:
        reports.install(builder)
        yield builder
        reports.uninstall()


async def fail():
    """Fail."""
    raise ValueError("x")


async def test_an_exception_that_nobody_retrieved_is_logged(builder, sink):
    """Under the name of its task, with its traceback."""
    task = asyncio.create_task(fail(), name="job-17")
    await asyncio.wait([task])
    del task
    gc.collect()
    await builder.flush()
    (record,) = sink.records
    assert (record.label, record.level) == ("job-17", logging.ERROR)
    assert record.message == "Task exception was never retrieved"
    assert record.exception.frames[-1].function == "fail"
    assert "job-17" in record.attributes["future"]


async def test_an_error_in_a_callback_is_logged(builder, sink):
    """Under the name of asyncio: it belongs to no task."""
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)
    await builder.flush()
    (record,) = sink.records
    assert (record.label, record.exception.type) == ("asyncio", "ZeroDivisionError")


async def test_a_report_says_where_its_task_was_made(builder, sink):
    """As far as debug mode has noted it."""
    frames = [type("Frame", (), {"filename": "a.py", "lineno": 3})]
    context = {"message": "m", "source_traceback": frames}
    asyncio.get_running_loop().call_exception_handler(context)
    await builder.flush()
    assert sink.records[0].attributes == {"created_at": "a.py:3"}


async def test_warnings_of_debug_mode_are_logged(builder, sink):
    """They come by the logger `asyncio`, from inside the task that was slow."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.01
    await asyncio.create_task(asyncio.sleep(0))
    loop.call_soon(time.sleep, 0.02)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await builder.flush()
    (told,) = [line for line in sink.lines if "sleep(0.02)" in line]  # others may be slow, too
    assert told.startswith("Executing <Handle sleep(0.02)")


async def test_what_the_root_brings_is_not_logged_twice(builder, sink):
    """An `AsynclogHandler` there gets it, too."""
    stdlib.install(builder, capture_warnings=False)
    logging.getLogger("asyncio").error("x")
    stdlib.uninstall()
    logging.getLogger("asyncio").error("y")
    await builder.flush()
    assert sink.lines == ["x", "y"]


def test_a_loop_that_has_ended_tells_nothing_any_more():
    """As in a program that calls `asyncio.run` again and again: each line comes once."""
    sinks = [MemorySink(), MemorySink()]

    async def main(sink):
        async with BufferedLogger(100, 60.0, handlers=Handler(sink)) as builder:
            reports.install(builder)
            logging.getLogger("asyncio").error("x")

    for sink in sinks:
        asyncio.run(main(sink))
    assert [len(sink.records) for sink in sinks] == [1, 1]
    (handler,) = logging.getLogger("asyncio").handlers
    logging.getLogger("asyncio").removeHandler(handler)


async def test_each_of_two_loops_tells_what_is_its_own(builder, sink):
    """And what comes from outside loops is told once."""

    async def other():
        async with BufferedLogger(100, 60.0, handlers=Handler(MemorySink())) as second:
            reports.install(second)
            logging.getLogger("asyncio").error("the other's")
            await asyncio.to_thread(logging.getLogger("asyncio").error, "nobody's")
            reports.uninstall()

    await asyncio.to_thread(asyncio.run, other())
    logging.getLogger("asyncio").error("mine")
    await builder.flush()
    assert sink.lines == ["mine"]


@pytest.mark.parametrize("key", ["name", "created", "args", "handed_over_by_asynclog"])
async def test_a_report_may_use_the_words_of_logging(builder, sink, key):
    """They are attributes, with an underscore, and change nothing about the line."""
    asyncio.get_running_loop().call_exception_handler({"message": "m", key: 1})
    await builder.flush()
    (record,) = sink.records
    assert (record.label, record.message) == ("asyncio", "m")
    assert record.attributes == {f"{key}_": "1"}


async def test_a_loop_that_is_held_up_is_told_of(builder, sink):
    """How long, and where."""
    reports.install(builder, slow_callback=0.1)
    await asyncio.sleep(0)
    time.sleep(0.5)  # noqa: ASYNC251 - on purpose
    await asyncio.sleep(0.02)
    await builder.flush()
    seen = [
        one for one in sink.records if one.attributes
    ]  # a busy machine holds it up out of sight
    record = next(one for one in seen if f"{__file__}:" in one.attributes["at"])
    assert record.message.startswith("the event loop was held up for ")
    assert (record.label, record.level) == ("asyncio", logging.WARNING)


async def test_the_handler_of_before_is_still_called_and_comes_back(sink):
    """When it is installed, and uninstalled, twice."""
    loop, calls = asyncio.get_running_loop(), []

    def before(loop, context):
        calls.append(context["message"])

    loop.set_exception_handler(before)
    async with BufferedLogger(100, 60.0, handlers=Handler(sink)) as builder:
        reports.install(builder)
        reports.install(builder)
        loop.call_exception_handler({"message": "m"})
        reports.uninstall()
        reports.uninstall()
    assert (calls, len(sink.lines)) == (["m"], 1)
    assert loop.get_exception_handler() is before


async def test_a_handler_that_was_set_since_stays(builder):
    """It is not ours to remove."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(print)
    reports.uninstall()
    assert loop.get_exception_handler() is print


async def test_a_bad_span_is_named():
    """With what is allowed."""
    with pytest.raises(ValueError, match=r"^slow_callback: expected a span above zero, got 0$"):
        reports.install(slow_callback=0)
