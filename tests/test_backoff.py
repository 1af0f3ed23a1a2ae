"""How long to wait before a failing sink is tried again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.backoff import FIRST, LONGEST, Backoff

NO_JITTER = 1.0


class Stopwatch:
    """A time that is set."""

    seconds = 100.0

    def __call__(self):
        """Tell it."""
        return self.seconds


def test_pauses_double_up_to_the_longest():
    """A sink that is down for an hour is not asked in vain all the time."""
    backoff = Backoff(Stopwatch(), lambda: NO_JITTER)
    pauses = [backoff.next() for _ in range(20)]
    assert pauses[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert pauses[-1] == LONGEST


@given(attempts=st.integers(0, 2000), jitter=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_within_its_bounds(attempts, jitter):
    """However often it failed, and whatever chance says."""
    backoff = Backoff(Stopwatch(), lambda: jitter)
    for _ in range(attempts):
        backoff.next()
    assert FIRST / 2 <= backoff.next() <= LONGEST


def test_chance_is_asked_for_every_pause():
    """Many sinks that fail together are not tried together."""
    draws = iter([0.0, 0.5])
    backoff = Backoff(Stopwatch(), lambda: next(draws))
    assert [backoff.next(), backoff.next()] == [FIRST * 0.5, 2 * FIRST * 0.75]


def test_by_itself_chance_is_random():
    """Two that begin together part soon."""
    one, other = Backoff(Stopwatch()), Backoff(Stopwatch())
    assert [one.next() for _ in range(9)] != [other.next() for _ in range(9)]


def test_only_the_first_failure_of_a_row_is_new():
    """It is the one that is told of."""
    backoff = Backoff(Stopwatch())
    assert [backoff.begin(), backoff.begin(), backoff.begin()] == [True, False, False]


def test_success_ends_the_row_and_tells_how_long_it_was():
    """The next failure is new, and its pause short again."""
    now = Stopwatch()
    backoff = Backoff(now, lambda: NO_JITTER)
    backoff.begin()
    backoff.next()
    now.seconds += 12.5
    assert backoff.reset() == 12.5
    assert backoff.begin()
    assert backoff.next() == FIRST


@pytest.mark.parametrize("resets", [1, 2])
def test_success_without_trouble_tells_nothing(resets):
    """It is the usual case."""
    backoff = Backoff(Stopwatch())
    assert [backoff.reset() for _ in range(resets)] == [None] * resets
