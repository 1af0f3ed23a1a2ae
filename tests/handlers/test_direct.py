"""Handlers without a loop."""

from __future__ import annotations

import asyncio

from asynclog import Handler
from asynclog.formatters import PatternFormatter
from asynclog.handlers.direct import DirectOutputs
from asynclog.scope import INSIDE_PIPELINE, current_scope
from asynclog.sinks import FileSink, MemorySink
from tests.making import record

PLAIN = PatternFormatter("{message}")


def test_a_line_is_written_when_the_call_returns(tmp_path):
    """To every sink, with no thread and no loop."""
    memory, file = MemorySink(), FileSink(tmp_path / "log")
    outputs = DirectOutputs([Handler(memory, file, formatter=PLAIN)])
    outputs.write(record("a"))
    outputs.write(record("b"))
    assert memory.lines == ["a", "b"]
    assert (tmp_path / "log").read_text() == "a\nb\n"


def test_levels_and_filters_hold():
    """Those of the handler, and that of the logger."""
    memory = MemorySink()
    handler = Handler(memory, formatter=PLAIN, level=20, filter=lambda one: one.message != "b")
    outputs = DirectOutputs([handler], filter=lambda one: one.message != "c")
    for one in (record("a", 10), record("a"), record("b"), record("c")):
        outputs.write(one)
    assert memory.lines == ["a"]


def test_a_sink_that_fails_is_told_of_and_holds_up_no_other(tmp_path, capsys):
    """The next line is tried anew."""
    memory, path = MemorySink(), tmp_path / "nowhere"
    path.symlink_to(tmp_path / "loop")
    outputs = DirectOutputs([Handler(FileSink(path / "log")), Handler(memory, formatter=PLAIN)])
    outputs.write(record("a"))
    assert "1 line not written to FileSink" in capsys.readouterr().err
    assert memory.lines == ["a"]


def test_sinks_know_that_they_are_inside_the_pipeline():
    """What they log goes nowhere."""
    scopes = []
    handler = Handler(MemorySink(), filter=lambda _: scopes.append(current_scope.get()) or True)
    DirectOutputs([handler]).write(record("a"))
    assert scopes[0] is INSIDE_PIPELINE
    assert current_scope.get() is None


async def test_a_running_loop_has_nothing_to_do():
    """No task is made."""
    before = asyncio.all_tasks()
    DirectOutputs([Handler(MemorySink())]).write(record("a"))
    assert asyncio.all_tasks() == before
