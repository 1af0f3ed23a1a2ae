"""Severities, by number and by name."""

from __future__ import annotations

import logging

import pytest

from asynclog.levels import LEVEL_NAMES, Level, level_name, parse_level


@pytest.mark.parametrize("name", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "WARN", "FATAL"])
def test_levels_are_those_of_the_standard_library(name):
    """Numbers can be passed from one to the other."""
    assert Level[name] == getattr(logging, name)


def test_trace_is_below_debug():
    """It is the one level that the standard library lacks."""
    assert 0 < Level.TRACE < Level.DEBUG


def test_aliases_are_the_same_level():
    """WARN and FATAL are only other words."""
    assert Level.WARN is Level.WARNING
    assert Level.FATAL is Level.CRITICAL


def test_each_number_has_one_name():
    """A line does not read FATAL today and CRITICAL tomorrow."""
    assert sorted(LEVEL_NAMES.values()) == sorted(
        ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    )


@pytest.mark.parametrize(
    ("level", "name"), [(20, "INFO"), (Level.ERROR, "ERROR"), (25, "25"), (-1, "-1")]
)
def test_a_level_without_a_name_is_called_by_its_number(level, name):
    """Any other int is allowed."""
    assert level_name(level) == name


@pytest.mark.parametrize(
    ("value", "level"),
    [(30, 30), (Level.INFO, 20), ("info", 20), (" Warn ", 30), ("25", 25), ("-3", -3), ("+7", 7)],
)
def test_a_level_is_a_number_its_text_or_a_name(value, level):
    """Case and space around do not matter."""
    assert parse_level(value) == level


@pytest.mark.parametrize(
    "value", ["loud", "", "+-5", "--5", "٣", "1.5", "9" * 5000, True, None, 1.0, b"INFO"]
)
def test_anything_else_is_refused_with_what_is_allowed(value):
    """The message names the fact, the value, and the allowed words."""
    with pytest.raises(ValueError, match=r"^level: expected a whole number or one of TRACE, .*got"):
        parse_level(value)
