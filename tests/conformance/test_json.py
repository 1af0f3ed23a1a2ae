"""Blackhole's JSON documents."""

from __future__ import annotations

import json

import pytest

from asynclog.errors import PatternError

from . import adapter
from .corpus import departures, vectors

VECTORS = vectors("json")["vectors"]
FAITHFUL = [v for v in VECTORS if "quirk" not in v]
FLAWED = [v for v in VECTORS if "quirk" in v]


def _name(vector):
    return vector["name"]


def _outcome(vector):
    try:
        return adapter.json(vector["config"], vector["record"])
    except PatternError:
        return "<refused>"


def _said(departure):
    return "<refused>" if departure.get("raises") else departure["prints"]


def _is_lost(vector):
    return vector.get("error", {}).get("phase") == "format"


@pytest.mark.parametrize("vector", [v for v in FAITHFUL if not _is_lost(v)], ids=_name)
def test_a_document_is_printed_as_blackhole_prints_it(vector):
    """To the letter; a configuration that it refuses is refused."""
    assert _outcome(vector) == vector.get("expected", "<refused>")


@pytest.mark.parametrize("vector", [v for v in FAITHFUL if _is_lost(v)], ids=_name)
def test_a_record_that_blackhole_loses_is_marked(vector):
    """The value that cannot be printed is named, unless building told already."""
    outcome = _outcome(vector)
    assert outcome == "<refused>" or "<unrenderable: " in outcome


@pytest.mark.parametrize(
    "vector", [v for v in FLAWED if v["name"] in departures("json_fixed")], ids=_name
)
def test_a_flaw_is_fixed(vector):
    """What the vectors call a flaw of the original is done right."""
    assert _outcome(vector) == _said(departures("json_fixed")[vector["name"]])


@pytest.mark.parametrize("vector", FLAWED, ids=_name)
def test_no_flaw_loses_the_record(vector):
    """Where the original aborts, the document is whole or the configuration is refused."""
    outcome = _outcome(vector)
    assert outcome == "<refused>" or vector["record"]["message"] in json.loads(outcome).values()
