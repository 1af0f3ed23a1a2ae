"""Tests of asynclog.config.registry."""

from typing import Annotated, Any

import pytest
from msgspec import Meta

from asynclog import Handler
from asynclog.config import Registry, load_config
from asynclog.config.loading import read_config
from asynclog.config.model import FilterPart, FormatterPart, HandlerPart, SinkPart
from asynclog.config.route import Explainer, render
from asynclog.sinks import MemorySink, NullSink

from .making import handled, mistake, sunk

KEPT = []


class Kafka(NullSink):
    """A sink of somebody's own."""

    def __init__(self, topic: str, partitions: Annotated[int, Meta(ge=1)] = 1) -> None:
        if topic == "bad":
            raise ValueError(f"topic: expected a good one, got {topic!r}")
        KEPT.append((topic, partitions))


class Remembering(SinkPart, frozen=True, kw_only=True):
    """A model of somebody's own."""

    limit: int | None = None

    def make(self, build):
        """Return a sink that is kept for the test."""
        KEPT.append(MemorySink(self.limit))
        return KEPT[-1]


@pytest.fixture
def registry():
    """A registry with types of one's own."""
    KEPT.clear()
    registry = Registry(plugins=False)
    registry.add_sink("kafka", Kafka)
    registry.add_sink("remembering", Remembering)
    return registry


def test_a_class_becomes_a_type(registry):
    """Its arguments are the options."""
    load_config(sunk(type="kafka", topic="a", partitions=3), registry=registry)
    assert KEPT == [("a", 3)]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "topic: required, but missing: expected text"),
        ({"topic": 5}, "topic: expected text, got 5"),
        ({"topic": "a", "partitions": 0}, "partitions: expected a whole number from 1 up, got 0"),
        ({"topic": "a", "partition": 1}, 'partition: a sink of type "kafka" has no option'),
        ({"topic": "bad"}, "topic: expected a good one, got 'bad'"),
    ],
)
def test_its_options_are_checked(registry, options, told):
    """By its annotations, and by itself."""
    message = mistake(sunk(type="kafka", **options), registry=registry)
    assert message.startswith(f"root[0].sinks[0].{told}")


async def test_a_model_becomes_a_type(registry):
    """What it makes is used; the filter that each sink may have works, too."""
    source = sunk(type="remembering", filter={"type": "severity", "threshold": "ERROR"})
    async with load_config(source, registry=registry) as logger:
        await logger.sender_with_label("a").info("no")
        await logger.sender_with_label("a").error("yes")
    assert KEPT[0].lines == ["yes"]


def test_a_filter_and_a_formatter_may_be_functions(registry):
    """That return them."""

    class Loud:
        def format(self, record):
            return record.message.upper()

        def format_batch(self, records):
            return [self.format(record) for record in records]

    def short(limit: int) -> Any:
        return lambda record: len(record.message) <= limit

    registry.add_formatter("loud", Loud)
    registry.add_filter("short", short)
    source = handled(formatter={"type": "loud"}, filter={"type": "short", "limit": 3})
    assert load_config(source, registry=registry)


async def test_parts_may_hold_parts(registry):
    """They are made before they are handed in."""

    def both(sinks: tuple[SinkPart, ...], formatter: FormatterPart | None = None) -> Any:
        return [Handler(*sinks, formatter=formatter)]

    registry.add_handler("both", both)
    handler = {
        "type": "both",
        "sinks": [{"type": "remembering"}, {"type": "remembering"}],
        "formatter": {"type": "string", "pattern": "<{message}>"},
    }
    async with load_config({"root": [handler]}, registry=registry) as logger:
        await logger.sender_with_label("a").info("x")
    assert [sink.lines for sink in KEPT] == [["<x>"], ["<x>"]]


@pytest.mark.parametrize(("name", "kind"), [("x", 5), ("", Kafka), ("x", FilterPart)])
def test_what_is_no_type_is_refused(registry, name, kind):
    """At once."""
    with pytest.raises(ValueError, match="expected"):
        registry.add_sink(name, kind)


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A registry where a package with two plug-ins is installed, one of which is broken."""
    installed = tmp_path / "plugins-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        f"[asynclog.sinks]\nkafka = {__name__}:Kafka\ntorn = no_such_module:Sink\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return Registry()


def test_an_entry_point_becomes_a_type(plugins):
    """When a file names it."""
    KEPT.clear()
    load_config(sunk(type="kafka", topic="a"), registry=plugins)
    assert KEPT == [("a", 1)]


def test_a_plug_in_that_cannot_be_loaded_is_told(plugins):
    """With its own reason; those that nobody names are not loaded."""
    told = mistake(sunk(type="torn"), registry=plugins)
    assert told == (
        'root[0].sinks[0].type: the plug-in "torn" cannot be loaded:'
        " ModuleNotFoundError: No module named 'no_such_module'"
    )
    assert [name for name, _ in plugins.models(HandlerPart)] == ["blocking"]
    assert "torn" not in dict(plugins.models(SinkPart))


def test_annotations_that_only_a_type_checker_knows_are_no_check(registry):
    """Whatever is there is handed in; what takes any number of arguments has no such options."""

    def loose(limit: "Unknown", *rest, **more) -> Any:  # noqa: F821 - unknown on purpose
        return lambda record: bool(limit)

    registry.add_filter("loose", loose)
    assert load_config(handled(filter={"type": "loose", "limit": [1]}), registry=registry)
    told = mistake(handled(filter={"type": "loose", "limit": 1, "rest": 2}), registry=registry)
    assert told.startswith("root[0].filter.rest: a filter of type")


def test_a_handler_of_one_s_own_is_shown_by_its_name(registry):
    """What it leads to, it alone knows."""

    def quiet(level: int = 0) -> Any:
        return [Handler(NullSink(), level=level)]

    registry.add_handler("quiet", quiet)
    loaded = read_config({"root": [{"type": "quiet", "level": 7}]}, registry=registry)
    tree = Explainer(loaded, registry).route("root")
    assert [text for text, _ in render(tree)] == ["root", "└── handler quiet level=7"]


def test_a_reason_that_is_nothing_but_a_value_of_the_environment_is_not_shown(registry):
    """Nor any part of it."""

    def broken(key: str) -> Any:
        raise ValueError(f"{key[3:]} is bad")

    registry.add_sink("broken", broken)
    told = mistake(
        sunk(type="broken", key="${S}"), registry=registry, environment={"S": "hunter2and3"}
    )
    assert told == ("root[0].sinks[0]: cannot be used; why is not shown, for it holds a secret")


def test_a_password_in_a_value_of_a_wrong_kind_is_not_shown(registry):
    """Its key says what it is."""

    def locked(password: int) -> Any:
        return NullSink()

    registry.add_sink("locked", locked)
    assert "hunter2" not in mistake(sunk(type="locked", password="hunter2"), registry=registry)


def test_a_password_that_a_class_refuses_is_not_shown(registry):
    """Though the class shows it."""

    def locked(password: str) -> Any:
        raise ValueError(f"password: expected a digit in it, got {password!r}")

    registry.add_sink("locked", locked)
    told = mistake(sunk(type="locked", password="secrecy"), registry=registry)
    assert told == (
        "root[0].sinks[0].password: expected a digit in it, got a value that is not shown"
    )
