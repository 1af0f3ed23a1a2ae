"""The number that begins a syslog message."""

from __future__ import annotations

import pytest

from asynclog.levels import Level
from asynclog.sinks.priorities import FACILITIES, SEVERITIES, Priorities


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        (Level.TRACE, "debug"),
        (Level.DEBUG, "debug"),
        (Level.INFO, "info"),
        (25, "info"),
        (Level.WARNING, "warning"),
        (Level.ERROR, "err"),
        (Level.CRITICAL, "crit"),
        (99, "crit"),
        (-5, "debug"),
    ],
)
def test_each_level_has_a_severity(level, severity):
    """Levels between two take the lower one's."""
    assert Priorities("kern").of(level) == f"<{SEVERITIES[severity]}>"


@pytest.mark.parametrize("facility", ["local0", 16])
def test_the_facility_counts_eightfold(facility):
    """RFC 5424 section 6.2.1: local0 and err are 131."""
    assert Priorities(facility).of(Level.ERROR) == "<131>"


def test_the_numbers_are_those_of_the_rfc():
    """The first and the last of each."""
    assert [FACILITIES["kern"], FACILITIES["cron"], FACILITIES["local7"]] == [0, 9, 23]
    assert [SEVERITIES["emerg"], SEVERITIES["debug"]] == [0, 7]


def test_severities_can_be_mapped_from_a_level_up():
    """By name or number on both sides; below the lowest it is debug."""
    priorities = Priorities(0, {"INFO": "notice", 40: 1})
    assert [priorities.of(level) for level in (10, 20, 30, 40)] == ["<7>", "<5>", "<5>", "<1>"]


def test_a_callable_may_decide():
    """For rules that are no steps."""
    assert Priorities(0, lambda level: "alert" if level == 33 else 6).of(33) == "<1>"


@pytest.mark.parametrize("severity", [lambda level: 1 / 0, lambda level: "loud"])
def test_a_callable_that_fails_loses_no_line(severity):
    """The usual severity stands in."""
    assert Priorities(0, severity).of(Level.ERROR) == "<3>"


def test_many_levels_take_bounded_space():
    """Levels may come from outside."""
    priorities = Priorities(0)
    assert {priorities.of(level) for level in range(50, 5000)} == {"<2>"}
    assert len(priorities._known) == 256


@pytest.mark.parametrize("facility", ["local8", 24, -1, True, None])
def test_an_unknown_facility_is_refused(facility):
    """The message names it and those that exist."""
    with pytest.raises(
        ValueError, match=r"facility: expected a number below 24 or one of kern, .* got"
    ):
        Priorities(facility)


@pytest.mark.parametrize("mapping", [{"INFO": "loud"}, {"LOUD": "info"}])
def test_an_unknown_word_in_the_mapping_is_refused(mapping):
    """When it is made, not at the first record."""
    with pytest.raises(ValueError, match=r"got '(loud|LOUD)'"):
        Priorities(0, mapping)
