"""When to try again."""

from __future__ import annotations

import pytest

from asynclog.sinks.pacing import Pacing


def test_the_first_attempt_is_at_once():
    """Nothing has failed yet."""
    assert Pacing().pause(0) == 0


def test_pauses_grow_up_to_a_limit():
    """Doubling."""
    pacing, pauses = Pacing(random=lambda: 1), []
    for _ in range(9):
        pacing.failed(100)
        pauses.append(round(pacing.pause(100), 3))
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5]


@pytest.mark.parametrize(("random", "pause"), [(0, 0.05), (0.5, 0.075)])
def test_chance_takes_up_to_half_of_a_pause(random, pause):
    """So that many clients do not march in step."""
    pacing = Pacing(random=lambda: random)
    pacing.failed(0)
    assert pacing.pause(0) == pytest.approx(pause)


def test_a_pause_passes():
    """And is never negative."""
    pacing = Pacing(random=lambda: 1)
    pacing.failed(0)
    assert [pacing.pause(now) for now in (0.04, 0.1, 9)] == [pytest.approx(0.06), 0, 0]


def test_a_connection_that_broke_soon_was_a_failure():
    """A server that accepts and hangs up is not called again and again."""
    pacing = Pacing(random=lambda: 1)
    for _ in range(3):
        pacing.broken(since=10, now=11)
    assert pacing.pause(11) == pytest.approx(0.4)


def test_after_a_good_connection_the_next_is_tried_at_once():
    """And pauses begin anew."""
    pacing = Pacing(random=lambda: 1)
    pacing.failed(0)
    pacing.broken(since=10, now=15)
    assert pacing.pause(15) == 0
    pacing.failed(15)
    assert pacing.pause(15) == pytest.approx(0.1)
