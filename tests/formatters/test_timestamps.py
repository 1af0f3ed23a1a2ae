"""Dates."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.timestamps import DIGITS, DateFormat

MOMENT = 1_646_558_144


@pytest.fixture
def zone(monkeypatch):
    """Return a function that changes the local time zone, until the test ends."""

    def change(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield change
    monkeypatch.undo()
    time.tzset()


def _text(pattern, nanosecond=123_456_789, second=MOMENT):
    return DateFormat(pattern).text(time.gmtime(second), second, nanosecond)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%Y-%m-%d %H:%M:%S.%f", "2022-03-06 09:15:44.123456"),
        ("%3f %6f %9f", "123 123456 123456789"),
        ("%%f %%%f", "%f %123456"),
        ("%s.%3f", "1646558144.123"),
        ("é%H\N{SNOWMAN}", "é09\N{SNOWMAN}"),
        ("%e|%-d", " 6|6"),
        ("100%", "100%"),
        ("", ""),
        ("%H\n%M", "09\n15"),
        ("%D", "03/06/22"),
    ],
)
def test_a_date_is_printed(pattern, text):
    """By the directives of strftime, and by fractions."""
    assert _text(pattern) == text


def test_utc_is_called_utc():
    """Not GMT, as the C library has it."""
    assert DateFormat("%Z %z").texts(MOMENT) == ["UTC +0000"]


@pytest.mark.parametrize("pattern", ["%1f", "%12f", "x%0f"])
def test_a_fraction_of_other_digits_is_refused(pattern):
    """With those that are allowed."""
    with pytest.raises(ValueError, match="is not a fraction: allowed are %f %3f %6f %9f"):
        DateFormat(pattern)


def test_texts_stand_around_fractions():
    """One more than there are fractions."""
    assert DateFormat("%H.%f|%3f").texts(MOMENT) == ["09.", "|", ""]


@given(st.integers(-(10**10), 10**11))
def test_seconds_are_those_of_the_calendar(second):
    """Before the epoch as after it."""
    expected = datetime.fromtimestamp(second, UTC).strftime("%m-%dT%H:%M:%S")

    assert DateFormat("%m-%dT%H:%M:%S").texts(second) == [expected]


@pytest.mark.parametrize("second", [10**18, -(10**18), 10**30])
def test_a_second_beyond_the_calendar_is_printed_as_a_number(second):
    """Rather than lost."""
    assert DateFormat("%Y %f").texts(second) == [f"@{second}.", ""]


def test_a_local_date_follows_the_zone(zone):
    """As soon as it changes, for the same second too."""
    date = DateFormat("%H:%M %z", local=True)
    zone("Asia/Kolkata")
    before = date.texts(MOMENT)
    zone("America/New_York")

    assert [before, date.texts(MOMENT)] == [["14:45 +0530"], ["04:15 -0500"]]


def test_a_local_date_knows_summer_time(zone):
    """On both sides of the hour that is missing."""
    zone("America/New_York")
    date = DateFormat("%H:%M %Z", local=True)

    assert [date.texts(1_647_154_799), date.texts(1_647_154_800)] == [["01:59 EST"], ["03:00 EDT"]]


def test_digits_are_three_of_each():
    """For all numbers below 1000."""
    assert [DIGITS[0], DIGITS[42], DIGITS[999], len(DIGITS)] == ["000", "042", "999", 1000]
