"""A clock that stands still."""

from __future__ import annotations

import datetime as dt

import pytest

from asynclog.testing import ManualClock


def test_it_stands_still():
    """Two lines may have the same time."""
    clock = ManualClock()
    assert clock.time_ns() == clock.time_ns() == clock.now_ns


def test_by_itself_it_shows_a_time_that_is_easy_to_read():
    """The one that the documentation names."""
    assert dt.datetime.fromtimestamp(ManualClock().time_ns() / 1e9, dt.UTC) == dt.datetime(
        2001, 9, 9, 1, 46, 40, tzinfo=dt.UTC
    )


@pytest.mark.parametrize(
    ("seconds", "now"), [(1.5, 1_500_000_000), (1e-9, 1), (-2, -2_000_000_000)]
)
def test_it_is_moved_by_hand_forwards_and_backwards(seconds, now):
    """As clocks are."""
    clock = ManualClock(0)
    clock.advance(seconds)
    assert clock.time_ns() == now
