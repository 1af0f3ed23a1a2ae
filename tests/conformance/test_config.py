"""Blackhole's configurations."""

from __future__ import annotations

import re

import pytest

from asynclog.config.handlers import Blocking, lanes
from asynclog.config.loading import make_handlers, read_config
from asynclog.errors import ConfigError
from asynclog.sinks.flushing import parse_flush

from . import adapter
from .corpus import departures, vectors

VECTORS = vectors("config")["vectors"]
DEPARTURES = departures("config")
KEPT = [v for v in VECTORS if v["name"] not in DEPARTURES]
DEPARTED = [v for v in VECTORS if v["name"] in DEPARTURES]
BUILT = [v for v in KEPT if "builds" in v]
SHARE = 10
"""One vector of so many may be departed from."""


def _name(vector):
    return vector["name"]


def _source(vector):
    return vector.get("config", vector.get("config_text"))


def _outcome(vector):
    try:
        return adapter.run_config(_source(vector), vector["logger"], vector.get("log", []))
    except ConfigError:
        return "<refused>"


@pytest.mark.parametrize("vector", [v for v in KEPT if "stdout" in v], ids=_name)
def test_what_blackhole_prints_is_printed(vector):
    """To the letter."""
    assert _outcome(vector) == vector["stdout"]


@pytest.mark.parametrize("vector", DEPARTED, ids=_name)
def test_a_departure_does_what_it_is_said_to_do(vector):
    """The list of departures is true."""
    said = DEPARTURES[vector["name"]]
    assert _outcome(vector) == said.get("prints", "<refused>")


def test_departures_are_few():
    """Fewer than one vector in ten."""
    assert len(DEPARTED) * SHARE < len(VECTORS)


PATHS = {
    "error_dev_handler_not_registered": "root[0].type",
    "error_unknown_formatter": "root[0].formatter.type",
    "error_unknown_sink": "root[0].sinks[0].type",
    "error_sink_without_type": "root[0].sinks[0]",
    "error_unknown_filter": "root[0].sinks[0].filter.type",
    "error_filter_no_threshold": "root[0].sinks[0].filter.threshold",
    "error_file_bad_flush": "root[0].sinks[0].flush",
    "error_udp_no_host": "root[0].sinks[0].host",
    "error_async_unknown_sink": "root[0].sinks[0].sink.type",
    "error_async_empty_overflow": "root[0].sinks[0].overflow",
    "error_async_factor_21": "root[0].sinks[0].factor",
    "error_string_bad_pattern": "root[0].formatter.pattern",
}
"""Where the mistake lies, of vectors whose own message does not say so."""


def _path(vector):
    """Return the path that the original names, in asynclog's spelling."""
    if "path" in vector:
        return vector["path"]
    named = re.search(r'at "/([^"]*)"', vector["error"]["message"])
    return re.sub(r"/(\d+)", r"[\1]", named[1]).replace("/", ".") if named else PATHS[_name(vector)]


@pytest.mark.parametrize("vector", [v for v in VECTORS if "error" in v], ids=_name)
def test_what_blackhole_refuses_is_refused(vector):
    """And the path of the mistake is named."""
    with pytest.raises(ConfigError) as error:
        adapter.run_config(vector["config"], vector["logger"], [])
    assert _path(vector) in [problem.path for problem in error.value.problems]


@pytest.mark.parametrize("vector", [v for v in VECTORS if "aborts" in v], ids=_name)
def test_what_aborts_blackhole_has_a_default(vector):
    """As its builder has: room for 1,024 lines, and waiting."""
    (handler,) = make_handlers(read_config(vector["config"]), "root")
    assert (handler.capacity, handler.overflow.name) in [(1024, "WAIT"), (32, "WAIT")]


def _said_of_sink(said):
    """Return what the vector says of a sink, in the words of `_seen_of_sink`."""
    said = said.get("sink", said) | {k: said[k] for k in ("capacity", "overflow") if k in said}
    flush = said.get("flush")
    policy = {"bytes": lambda n: f"{n}B", "count": lambda n: n}
    if isinstance(flush, dict):
        flush = repr(parse_flush(policy[flush["policy"]](flush["threshold"])))
    filtered = said.get("filter")
    return {
        "type": said["type"],
        "path": said.get("path"),
        "flush": "Automatic()" if flush in (None, "automatic") else flush,
        "threshold": filtered["threshold"] if isinstance(filtered, dict) else None,
        "priorities": tuple(said.get("priorities", ())),
        "capacity": said.get("capacity"),
        "overflow": {"drop": "drop", "wait": "wait", None: "wait"}[said.get("overflow")],
    }


def _seen_of_sink(lane):
    """Return what was read of the one sink of *lane*."""
    ((_, sink, filters, _),) = lane.ways
    return {
        "type": type(sink).__name__.lower(),
        "path": getattr(sink, "path", None),
        "flush": repr(parse_flush(getattr(sink, "flush", None))),
        "threshold": next((one.threshold for one in filters), None),
        "priorities": getattr(sink, "priorities", ()),
        "capacity": lane.capacity,
        "overflow": lane.overflow,
    }


@pytest.mark.parametrize("vector", BUILT, ids=_name)
def test_what_blackhole_builds_is_built(vector):
    """Each sink with its path, its flushes, its filter and its queue."""
    loaded = read_config(vector["config"])
    parts = loaded.config.loggers["root"]
    assert all(isinstance(part, Blocking) for part in parts)
    seen = [_seen_of_sink(lane) for part in parts for lane in lanes(part)]
    said = [_said_of_sink(one) for h in vector["builds"]["handlers"] for one in h["sinks"]]
    assert seen == said
    assert len(make_handlers(loaded, "root")) == len(said)


KINDS = {"string": "PatternFormatter", "json": "JSONFormatter", "tskv": "TSKVFormatter"}


@pytest.mark.parametrize("vector", BUILT, ids=_name)
def test_what_blackhole_formats_with_is_built(vector):
    """The formatter of each handler."""
    handlers = make_handlers(read_config(vector["config"]), "root")
    kinds = [type(handler.formatter).__name__ for handler in handlers]
    assert kinds == [KINDS[one["formatter"]["type"]] for one in vector["builds"]["handlers"]]
