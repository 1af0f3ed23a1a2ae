"""Tests of asynclog.config.schema."""

import json

import pytest

from asynclog.config import Registry
from asynclog.config.registry import FAMILIES, noun_of
from asynclog.config.schema import schema_of, shipped_schema, write_schema

SCHEMA = schema_of(Registry(plugins=False))


def test_the_shipped_schema_is_current():
    """Else: `asynclog schema > asynclog/config/schema.json`."""
    assert shipped_schema() == write_schema(Registry(plugins=False))


@pytest.mark.parametrize("family", FAMILIES, ids=noun_of)
def test_every_type_is_in_it(family):
    """By its noun and name."""
    names = {f"{noun_of(family)}.{name}" for name in Registry(plugins=False).names(family)}
    assert names <= SCHEMA["$defs"].keys()


def test_every_reference_leads_somewhere():
    """Within the schema itself."""
    text = json.dumps(SCHEMA)
    targets = {one.partition('"')[0] for one in text.split('"#/$defs/')[1:]}
    assert targets <= SCHEMA["$defs"].keys()


def _objects(schema):
    """Yield each object that *schema* describes by its properties, with those."""
    if isinstance(schema, dict):
        if "additionalProperties" in schema and "properties" in schema:
            yield schema
        for one in schema.values():
            yield from _objects(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _objects(one)


def test_every_option_is_described():
    """By the docstring below it in its model."""
    bare = [
        name
        for one in _objects(SCHEMA)
        for name, option in one["properties"].items()
        if "description" not in option and name not in ("type", "$schema")
    ]
    assert bare == []


def test_constraints_are_told():
    """A port lies in a range; the schema says so."""
    port = SCHEMA["$defs"]["sink.tcp"]["properties"]["port"]
    assert port["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 65535}


def test_a_type_of_one_s_own_is_in_it():
    """With the options of its signature."""
    registry = Registry(plugins=False)

    def kafka(topic: str, partitions: int = 1) -> None:
        """Send to Kafka."""

    registry.add_sink("kafka", kafka)
    own = schema_of(registry)["$defs"]["sink.kafka"]
    assert own["description"] == "Send to Kafka."
    assert own["required"] == ["type", "topic"]
