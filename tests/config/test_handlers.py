"""Tests of asynclog.config.handlers."""

import json
import os

import pytest

from asynclog.config import Registry, load_config
from asynclog.config.loading import make_handlers, read_config
from asynclog.config.route import Explainer, render
from asynclog.sinks import MemorySink

from .making import handled, mistake, sunk

SINKS = {}


@pytest.fixture
def registry():
    """A registry whose type `memory` keeps its sinks by name."""
    SINKS.clear()
    registry = Registry(plugins=False)

    def memory(name: str) -> MemorySink:
        return SINKS.setdefault(name, MemorySink())

    registry.add_sink("memory", memory)
    return registry


def _severity(threshold):
    return {"type": "severity", "threshold": threshold}


async def _lines(source, registry):
    """Return what each sink has of one line of each of three levels."""
    async with load_config(source, registry=registry, environment={}) as logger:
        sender = logger.sender_with_label("a")
        await sender.debug("debug")
        await sender.info("info", password="x")
        await sender.error("error")
    return {name: sink.lines for name, sink in SINKS.items()}


async def test_a_filter_of_a_sink_is_its_own(registry):
    """Its siblings get what the handler lets through."""
    sinks = [
        {"type": "memory", "name": "all"},
        {"type": "memory", "name": "errors", "filter": _severity("ERROR")},
        {
            "type": "asynchronous",
            "filter": _severity("INFO"),
            "sink": {"type": "memory", "name": "queued", "filter": _severity(10)},
        },
    ]
    assert await _lines(handled(sinks=sinks), registry) == {
        "all": ["debug", "info", "error"],
        "errors": ["error"],
        "queued": ["info", "error"],
    }


async def test_a_handler_s_filter_and_level_hold_for_all_its_sinks(registry):
    """Those with a filter of their own, too."""
    sinks = [
        {"type": "memory", "name": "one"},
        {"type": "memory", "name": "two", "filter": _severity("DEBUG")},
    ]
    none = {"type": "none_of", "filters": [_severity("ERROR")]}
    assert await _lines(handled(sinks=sinks, filter=none, level="INFO"), registry) == {
        "one": ["info"],
        "two": ["info"],
    }


async def test_secrets_are_taken_out_where_that_is_wanted(registry):
    """By the handler, or by the table for all."""
    logfmt = {"type": "json", "layout": "flat"}
    source = {
        "asynclog": {"redact": {"mask": "(hidden)"}},
        "root": [
            {"formatter": logfmt, "sinks": [{"type": "memory", "name": "common"}]},
            {"formatter": logfmt, "sinks": [{"type": "memory", "name": "own"}], "redact": True},
        ],
    }
    lines = await _lines(source, registry)
    shown = {name: json.loads(some[1])["password"] for name, some in lines.items()}
    assert shown == {"common": "(hidden)", "own": "***"}


async def test_nothing_is_taken_out_unless_wanted(registry):
    """A program may log what it likes."""
    source = sunk(type="memory", name="x")
    source["root"][0]["formatter"] = {"type": "logfmt"}
    assert "password=x" in (await _lines(source, registry))["x"][1]


async def test_a_fallback_takes_the_lines_of_a_sink_that_does_not_answer(registry, tmp_path):
    """The handler's own time says when that is."""
    os.mkfifo(tmp_path / "pipe")  # which nobody reads
    options = {
        "sinks": [{"type": "file", "path": str(tmp_path / "pipe")}],
        "write_timeout": 0.05,
        "fallback": {"type": "memory", "name": "spare"},
    }
    async with load_config(handled(**options), registry=registry, environment={}) as logger:
        await logger.sender_with_label("a").info("held up")
        await logger.flush(durable=False)
    assert SINKS["spare"].lines == ["held up"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"sinks": [{"type": "console"}] * 2}, "expected one sink beside it, got 2"),
        ({"sinks": []}, "expected one sink beside it, got 0"),
        (
            {"fallback": {"type": "null", "filter": _severity("INFO")}},
            "expected a sink without a filter or a queue of its own",
        ),
        (
            {"fallback": {"type": "asynchronous", "sink": {"type": "null"}}},
            "expected a sink without a filter or a queue of its own",
        ),
    ],
)
def test_a_fallback_that_cannot_be_used_is_told(options, told):
    """It stands in for one sink."""
    source = handled(**{"fallback": {"type": "null"}, **options})
    assert mistake(source) == f"root[0].fallback: {told}"


def test_a_sink_and_its_fallback_are_shown_side_by_side():
    """By `asynclog check`."""
    loaded = read_config(handled(fallback={"type": "console", "stream": "stderr"}))
    tree = Explainer(loaded, Registry(plugins=False)).route("root")
    assert [text for text, _ in render(tree)][-3:] == [
        "    ├── sink console",
        "    └── fallback",
        '        └── sink console stream="stderr"',
    ]


@pytest.mark.parametrize(
    ("queue", "capacity", "overflow"),
    [
        ({}, 1024, "WAIT"),
        ({"factor": 5, "overflow": "drop"}, 32, "DROP_NEWEST"),
        ({"overflow": "drop_oldest"}, 1024, "DROP_OLDEST"),
        ({"overflow": "drop_below:WARNING"}, 1024, "DROP_BELOW"),
    ],
)
def test_a_queue_has_a_capacity_and_a_policy(queue, capacity, overflow):
    """As a handler has."""
    source = sunk(type="asynchronous", sink={"type": "null"}, **queue)
    (handler,) = make_handlers(read_config(source), "root")
    assert (handler.capacity, handler.overflow.name) == (capacity, overflow)


def test_of_queues_within_each_other_the_innermost_counts():
    """A line waits in one place only."""
    inner = {"type": "asynchronous", "factor": 3, "sink": {"type": "null"}}
    source = sunk(type="asynchronous", factor=9, sink=inner)
    (handler,) = make_handlers(read_config(source), "root")
    assert handler.capacity == 8


async def test_a_filter_of_the_logger_holds_for_all_handlers(registry):
    """It stands in the table for all."""
    source = {"asynclog": {"filter": _severity("INFO")}, **sunk(type="memory", name="x")}
    assert await _lines(source, registry) == {"x": ["info", "error"]}
