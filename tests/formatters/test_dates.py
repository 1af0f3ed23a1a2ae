"""Times in the language of strftime."""

import time

import pytest

from asynclog.errors import PatternError
from asynclog.formatters.dates import DateWriter

TIME_NS = 1_447_959_750_836_222_999


@pytest.fixture
def in_tokyo(monkeypatch):
    """Be in Japan."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("%Y!", "2015!"),
        ("%Y-%m-%dT%H:%M:%S.%fZ", "2015-11-19T19:02:30.836222Z"),
        ("%s.%3f", "1447959750.836"),
        ("%9f %f", "836222999 836222"),
        ("%z", "+0000"),
        ("", ""),
    ],
)
def test_a_time_is_written_by_its_format(text, date):
    """In UTC, unless told otherwise."""
    assert DateWriter(text).texts([TIME_NS]) == [date]


@pytest.mark.usefixtures("in_tokyo")
def test_a_time_may_be_local():
    """In the zone that the process is in."""
    assert DateWriter("%H:%M %z", local=True).texts([TIME_NS]) == ["04:02 +0900"]


def test_a_format_that_cannot_be_used_is_refused_by_name():
    """When the formatter is built, not when the first line is."""
    with pytest.raises(PatternError, match=r"mutate\.timestamp: %4f is not a fraction"):
        DateWriter("%4f", option="mutate.timestamp")
