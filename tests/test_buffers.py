"""Where lines wait, and what happens when too many do."""

from __future__ import annotations

import copy
import pickle

import pytest

from asynclog.buffers import LabelBuffer, Overflow

from .making import records

EVERY = [Overflow.WAIT, Overflow.DROP_NEWEST, Overflow.DROP_OLDEST, Overflow.DROP_BELOW(30)]


def test_under_wait_every_line_waits():
    """Nothing is lost."""
    assert [Overflow.WAIT.waits(level) for level in (0, 50)] == [True, True]


@pytest.mark.parametrize("policy", [Overflow.DROP_NEWEST, Overflow.DROP_OLDEST])
def test_under_a_dropping_policy_no_line_waits(policy):
    """However much it matters."""
    assert [policy.waits(level) for level in (0, 50)] == [False, False]


@pytest.mark.parametrize("policy", [Overflow.DROP_BELOW(30), Overflow.DROP_BELOW("warning")])
def test_drop_below_lets_lines_from_its_level_up_wait(policy):
    """Only those that matter less are dropped."""
    assert [policy.waits(level) for level in (29, 30, 31)] == [False, True, True]


def test_drop_below_refuses_what_is_no_level():
    """The message says what is allowed."""
    with pytest.raises(ValueError, match=r"^level: expected .* got 'loud'"):
        Overflow.DROP_BELOW("loud")


@pytest.mark.parametrize("policy", EVERY, ids=str)
def test_a_policy_is_equal_to_its_copy(policy):
    """It may have come from a configuration, or another process."""
    assert copy.copy(policy) == pickle.loads(pickle.dumps(policy)) == policy
    assert sum(policy == other for other in EVERY) == 1


def test_taking_returns_all_lines_in_order_and_starts_anew():
    """What is taken is the list itself, not a copy."""
    buffer = LabelBuffer("a")
    lines = buffer.lines
    lines.extend(records(3))
    assert buffer.take() is lines
    assert buffer.lines == []


def test_a_buffer_shows_label_and_number_of_lines():
    """Not the lines."""
    buffer = LabelBuffer("ct/100")
    buffer.lines.extend(records(2))
    assert repr(buffer) == "LabelBuffer('ct/100', lines=2)"
