"""Blackhole's patterns."""

from __future__ import annotations

import time

import pytest

from asynclog.errors import PatternError

from . import adapter
from .corpus import departures, files, vectors

FORMAT = vectors("string")["format"]
FAITHFUL = [v for v in FORMAT if "quirk" not in v and v["name"] not in departures("pattern")]
DEPARTED = [v for v in FORMAT if v["name"] in departures("pattern")]
FLAWED = [v for v in FORMAT if "quirk" in v]
SHARE = 10
"""One vector of so many may be departed from."""


def _name(vector):
    return vector["name"]


@pytest.fixture(autouse=True)
def _zone(request, monkeypatch):
    """Run in the zone that the vector names."""
    parameters = getattr(request.node, "callspec", None)
    vector = parameters.params.get("vector", {}) if parameters else {}
    monkeypatch.setenv("TZ", vector.get("tz", "UTC"))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _line(vector):
    return adapter.pattern(vector["pattern"], vector["record"], vector.get("sevmap"))


@pytest.mark.parametrize("vector", [v for v in FAITHFUL if "expected" in v], ids=_name)
def test_a_line_is_printed_as_blackhole_prints_it(vector):
    """To the letter."""
    assert _line(vector) == vector["expected"]


def _is_build_error(vector):
    return vector.get("error", {}).get("phase") == "build"


@pytest.mark.parametrize("vector", [v for v in FAITHFUL if _is_build_error(v)], ids=_name)
def test_a_pattern_that_blackhole_refuses_is_refused(vector):
    """When the formatter is built, with a place in the pattern."""
    with pytest.raises(PatternError) as error:
        _line(vector)

    assert error.value.pattern == vector["pattern"]
    assert 0 <= error.value.position <= len(vector["pattern"])


def _line_or_refusal(vector):
    try:
        return _line(vector)
    except PatternError:
        return "<refused>"


def _is_format_error(vector):
    return vector.get("error", {}).get("phase") == "format"


@pytest.mark.parametrize("vector", [v for v in FAITHFUL if _is_format_error(v)], ids=_name)
def test_a_line_that_blackhole_loses_is_marked(vector):
    """What cannot be printed is named in the line, unless building told already."""
    line = _line_or_refusal(vector)

    assert any(mark in line for mark in ("<missing:", "<unrenderable: ", "<refused>"))


def _outcome(vector, departure):
    if departure.get("raises"):
        return _line_or_refusal(vector), "<refused>"
    return _line(vector), departure["prints"]


@pytest.mark.parametrize("vector", DEPARTED, ids=_name)
def test_a_departure_prints_what_it_is_said_to_print(vector):
    """The list of departures is true."""
    printed, said = _outcome(vector, departures("pattern")[vector["name"]])

    assert printed == said


@pytest.mark.parametrize("content", files("string"), ids=("observed", "public"))
def test_departures_are_few(content):
    """Fewer than one vector in ten."""
    departed = [v for v in content["format"] if v["name"] in departures("pattern")]
    assert len(departed) * SHARE < len(content["format"])


@pytest.mark.parametrize(
    "vector", [v for v in FLAWED if v["name"] in departures("pattern_fixed")], ids=_name
)
def test_a_flaw_is_fixed(vector):
    """What the vectors call a flaw of the original is done right."""
    printed, said = _outcome(vector, departures("pattern_fixed")[vector["name"]])

    assert printed == said


@pytest.mark.parametrize("vector", FLAWED, ids=_name)
def test_no_flaw_loses_the_line(vector):
    """Where the original fails, a line is printed or the pattern is refused."""
    assert isinstance(_line_or_refusal(vector), str)
