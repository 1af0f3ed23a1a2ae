"""Times in ISO 8601."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.isotime import IsoTime

TIME_NS = 1_447_959_750_836_222_999


def test_a_time_is_written_in_utc_with_microseconds():
    """What is finer is cut off, not rounded: a time is never later than it was."""
    assert IsoTime().texts([TIME_NS]) == ["2015-11-19T19:02:30.836222Z"]


def test_quotes_stand_around_it():
    """Then it is JSON."""
    assert IsoTime().texts([TIME_NS, 0], quote='"') == [
        '"2015-11-19T19:02:30.836222Z"',
        '"1970-01-01T00:00:00.000000Z"',
    ]


def test_times_may_go_back_and_forth():
    """Records of several labels are not in the order of time."""
    second = 1_000_000_000
    texts = IsoTime().texts([TIME_NS, TIME_NS - second, TIME_NS + second, TIME_NS])
    assert [text[17:19] for text in texts] == ["30", "29", "31", "30"]


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (-1, "1969-12-31T23:59:59.999999Z"),
        (-62_135_596_800_000_000_000, "0001-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999_999, "9999-12-31T23:59:59.999999Z"),
        (253_402_300_800_000_000_000, "253402300800.000000Z"),
        (10**30, "1000000000000000000000.000000Z"),
    ],
)
def test_far_times_are_written_too(time_ns, text):
    """A clock that is wrong costs no line; beyond all calendars, seconds are counted."""
    assert IsoTime().texts([time_ns]) == [text]


@given(st.lists(st.integers(-(10**18), 10**19)))
def test_every_time_reads_back(times):
    """To the microsecond, whatever was written before."""
    read = [datetime.fromisoformat(text) for text in IsoTime().texts(times)]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    micros = [
        (one - epoch).days * 86_400_000_000 + (one - epoch).seconds * 1_000_000 for one in read
    ]
    assert [m + o.microsecond for m, o in zip(micros, read, strict=True)] == [
        t // 1000 for t in times
    ]
