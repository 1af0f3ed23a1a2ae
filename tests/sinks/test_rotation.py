"""When a file is rolled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.sinks.payload import Payload
from asynclog.sinks.rotation import Daily, Every, Rotation, parse_rotation

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600


def at(text, zone=UTC):
    """Return nanoseconds since the epoch at a moment such as `2022-03-06 09:15:44`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 10**9


def test_a_file_is_rolled_before_it_would_grow_too_large():
    """At the limit it is not too large."""
    rotation = Rotation(100)
    assert [rotation.due(size, 10, 0) for size in (0, 90, 91, 200)] == [False, False, True, True]


def test_a_line_larger_than_the_limit_has_a_file_of_its_own():
    """An empty file is not rolled for it."""
    assert not Rotation(100).due(0, 1000, 0)


def test_without_limits_nothing_is_rolled():
    """One file for ever."""
    assert not Rotation().due(10**15, 1, at("2050-01-01"))
    assert Rotation().next_ns(0) is None


def test_a_day_ends_at_midnight():
    """The last second belongs to the old file."""
    rotation = Rotation(schedule=Daily())
    rotation.begin(at("2012-06-02 23:59:55"), at("2012-06-02 23:59:55"))
    assert not rotation.due(1, 1, at("2012-06-02 23:59:59"))
    assert rotation.due(1, 1, at("2012-06-03 00:00:00"))


def test_an_empty_file_is_taken_over_by_the_new_day():
    """An idle day makes no empty archive."""
    rotation = Rotation(schedule=Daily())
    rotation.begin(at("2012-06-02"), at("2012-06-02"))
    noon = at("2012-06-05 12:00:00")
    assert [rotation.due(0, 1, noon), rotation.due(1, 1, noon)] == [False, False]


def test_a_file_of_yesterday_is_rolled_by_a_new_process():
    """The time of its last line says to which day it belongs."""
    rotation = Rotation(schedule=Daily())
    rotation.begin(at("2012-06-02 10:00:00"), at("2012-06-03 09:00:00"))
    assert rotation.due(1, 1, at("2012-06-03 09:00:00"))


def test_a_file_from_the_future_does_not_stop_the_rolling():
    """Its time is a wrong one."""
    rotation = Rotation(schedule=Daily())
    rotation.begin(at("2038-01-01"), at("2022-03-06"))
    assert rotation.due(1, 1, at("2022-03-07"))


def test_a_clock_put_back_does_not_stop_the_rolling():
    """Nor does it roll at once."""
    rotation = Rotation(schedule=Daily())
    rotation.begin(at("2038-01-01"), at("2038-01-01"))
    assert [rotation.due(1, 1, at(day)) for day in ("2022-03-06", "2022-03-07")] == [False, True]


@pytest.mark.parametrize("day", ["2022-03-27", "2022-10-30", "2024-02-29", "2038-01-19"])
def test_each_local_day_is_one_period(day):
    """Of 23, 24 or 25 hours, in a leap year and beyond 2038."""
    daily, start = Daily(BERLIN), at(day, BERLIN)
    end = daily.next_ns(start)
    assert daily.period(start) == daily.period(end - 10**9) == daily.period(start - 10**9) + 1
    assert daily.period(end) == daily.period(start) + 1


@pytest.mark.parametrize("zone", [UTC, BERLIN, None])
@given(second=st.integers(0, 4_000_000_000))
def test_the_next_day_begins_where_it_is_announced(zone, second):
    """And not before."""
    daily = Daily(zone)
    nanoseconds = daily.next_ns(second * 10**9)
    assert (
        daily.period(nanoseconds - 10**9)
        == daily.period(second * 10**9)
        < daily.period(nanoseconds)
    )


def test_an_interval_begins_on_the_local_clock():
    """Six hours end at 6, 12, 18 and 24 o'clock."""
    every = Every(6 * HOUR, BERLIN)
    assert every.next_ns(at("2022-03-06 09:15:44", BERLIN)) == at("2022-03-06 12:00:00", BERLIN)
    assert every.period(at("2022-03-06 12:00:00", BERLIN)) > every.period(
        at("2022-03-06 11:59:59", BERLIN)
    )


@given(st.integers(0, 4_000_000_000), st.floats(0.001, 10**7))
def test_the_next_interval_begins_where_it_is_announced(second, length):
    """For any length, in UTC."""
    every, now = Every(length), second * 10**9
    assert (
        every.period(every.next_ns(now) - 1)
        == every.period(now)
        == every.period(every.next_ns(now)) - 1
    )


def test_the_lines_that_fit_are_written_before_the_roll():
    """A line is never cut, and one always fits."""
    payload = Payload(b"aaaa\nbbbb\ncccc\n")
    rotation = Rotation(10)
    ends = [
        rotation.fitting(payload, start, size)
        for start, size in ((0, 0), (10, 0), (0, 5), (0, 4), (0, 9))
    ]
    assert ends == [10, 15, 5, 5, 5]


def test_without_a_size_everything_fits():
    """One write."""
    assert Rotation().fitting(Payload(b"a\nb\n"), 0, 10**12) == 4


@given(st.lists(st.integers(1, 30), min_size=1), st.integers(1, 60))
def test_no_file_exceeds_the_limit_unless_one_line_does(lengths, limit):
    """And every byte is in one of them."""
    payload = Payload(b"".join(b"x" * (length - 1) + b"\n" for length in lengths))
    rotation, sizes, position = Rotation(limit), [0], 0
    while position < len(payload):
        if rotation.due(sizes[-1], payload.end_of(position) - position, 0):
            sizes.append(0)
            continue
        end = rotation.fitting(payload, position, sizes[-1])
        sizes[-1] += end - position
        position = end
    assert sum(sizes) == len(payload)
    assert all(size <= limit or size in lengths for size in sizes)


@pytest.mark.parametrize(
    ("every", "schedule"),
    [
        (None, "None"),
        ("day", "Daily(UTC)"),
        ("hour", "Every(3600, UTC)"),
        (90, "Every(90, UTC)"),
        (timedelta(hours=6), "Every(21600, UTC)"),
    ],
)
def test_settings_name_a_rotation(every, schedule):
    """Words, seconds or a timedelta."""
    assert (
        repr(parse_rotation("1kB", every, UTC)) == f"Rotation(max_bytes=1000, schedule={schedule})"
    )


@pytest.mark.parametrize(
    ("size", "every", "named"),
    [
        (0, None, "size"),
        ("0", None, "size"),
        ("10 MB", None, "size"),
        (None, "week", "every"),
        (None, 0, "every"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(size, every, named):
    """With its value."""
    with pytest.raises(
        ValueError, match=f"^{named}: expected .* got {(every if size is None else size)!r}"
    ):
        parse_rotation(size, every, UTC)
