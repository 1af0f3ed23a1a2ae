"""Tests of asynclog.cli.moments."""

import pytest

from asynclog.cli.moments import parse_moment, show_moment, show_span

NOW = 1_000_000.7


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("90s", 999_910),
        ("-1h", 996_400),
        ("2d", 827_200),
        ("1970-01-02", 86_400),
        ("1970-01-02T00:00:01", 86_401),
        ("1970-01-02T00:00:01+01:00", 82_801),
    ],
)
def test_a_moment(text, second):
    """So long ago, or a date."""
    assert parse_moment(text, NOW) == second


@pytest.mark.parametrize("text", ["", "soon", "1y", "99999999999999s", "2026-13-01"])
def test_what_is_no_moment_is_told(text):
    """With what is allowed."""
    with pytest.raises(ValueError, match="expected a time such as 90s, 30m"):
        parse_moment(text, NOW)


def test_a_moment_is_shown_in_utc():
    """Also one of no calendar."""
    assert show_moment(86_400_999_999_999) == "1970-01-02 00:00:00"
    assert show_moment(10**29) == f"{10**20} s"


def test_a_span_is_shown_in_its_unit():
    """With three figures."""
    assert [show_span(n) for n in (7, 90, 7_200, 200_000)] == ["7 s", "1.5 min", "2 h", "2.31 d"]
