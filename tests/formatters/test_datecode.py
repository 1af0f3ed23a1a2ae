"""Dates in a compiled function, by the function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.datecode import DateCode
from asynclog.formatters.pattern import PatternFormatter
from asynclog.formatters.timestamps import DateFormat
from tests.making import record

BASE = 1_646_558_144_123_456_789


def _lines(pattern, *times):
    batch = [record() for _ in times]
    for one, time_ns in zip(batch, times, strict=True):
        one.time_ns = time_ns
    return PatternFormatter(pattern).format_batch(batch)


@pytest.mark.parametrize(
    ("date", "parts"),
    [
        ("%H", "{u0}"),
        ("%H.%f", "{t0}{digits[elapsed // 1000]}"),
        ("%H.%f|", "{t0}{digits[elapsed // 1000]}{u1}"),
        ("%H.%3f", "{t0}"),
        ("%3f|%9f", "{t0}{digits[elapsed // 1000]}{digits[elapsed % 1000]}"),
    ],
)
def test_only_what_is_finer_than_a_millisecond_is_made_for_each_line(date, parts):
    """The rest is a name."""
    assert DateCode().add(DateFormat(date)) == parts


def test_without_dates_there_is_no_code():
    """Nothing is looked at."""
    assert DateCode().source() == ""


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ("%S.%f", "44.123456"),
        ("%S.%3f", "44.123"),
        ("%S.%9f", "44.123456789"),
        ("%3f-%S-%6f|%9f", "123-44-123456|123456789"),
        ("%f%f", "123456123456"),
        ("%S", "44"),
        ("", "2022-03-06 09:15:44.123456"),
    ],
)
def test_fractions_are_printed(date, text):
    """In any number."""
    assert _lines(f"[{{timestamp:{{{date}}}}}]", BASE) == [f"[{text}]"]


def test_several_dates_do_not_mix():
    """Each has its own texts."""
    pattern = "{timestamp:{%S.%f}} {timestamp:{%M %3f}} {timestamp:{%H}>4}"

    assert _lines(pattern, BASE) == ["44.123456 15 123   09"]


@given(st.lists(st.integers(-(10**19), 10**19) | st.integers(BASE, BASE + 10**10), max_size=20))
def test_a_batch_prints_every_time_as_it_would_alone(times):
    """However time jumps, forward or back."""
    pattern = "{timestamp:{%s %H:%M:%S.%9f}}"

    assert _lines(pattern, *times) == [_lines(pattern, one)[0] for one in times]


@given(st.integers(-(10**18), 10**18))
def test_seconds_and_fractions_make_the_time(time_ns):
    """Before the epoch too."""
    (line,) = _lines("{timestamp:{%s %9f}}", time_ns)
    second, fraction = map(int, line.split())

    assert second * 1_000_000_000 + fraction == time_ns
