"""Names of severities."""

from __future__ import annotations

import pytest

from asynclog.formatters.severity import severity_namer


def test_the_usual_names_are_those_of_level():
    """Where nothing is given."""
    assert [severity_namer(None)(number) for number in (5, 20, 50, 7)] == [
        "TRACE",
        "INFO",
        "CRITICAL",
        None,
    ]


def test_a_list_names_severities_from_zero_on():
    """And none beyond its ends."""
    namer = severity_namer(["DEBUG", "INFO"])

    assert [namer(number) for number in (-1, 0, 1, 2)] == [None, "DEBUG", "INFO", None]


def test_a_mapping_names_severities_by_number():
    """As it was when it was given."""
    names = {30: "WARN"}
    namer = severity_namer(names)
    names[40] = "late"

    assert [namer(number) for number in (30, 40)] == ["WARN", None]


def test_a_function_names_severities():
    """Whatever it returns."""
    assert severity_namer(lambda number: f"P{number}")(3) == "P3"


@pytest.mark.parametrize("namer", [lambda number: 1 // number, lambda number: number])
def test_a_function_that_fails_knows_no_name(namer):
    """Whether it raises or returns what is no name."""
    assert severity_namer(namer)(0) is None


@pytest.mark.parametrize("names", [5, "DEBUG", [1, 2], {20: None}])
def test_anything_else_is_refused(names):
    """With the value."""
    with pytest.raises(ValueError, match=r"severity: expected names .*, got"):
        severity_namer(names)
