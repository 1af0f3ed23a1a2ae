"""Keeping a random part."""

from __future__ import annotations

import pytest

from asynclog.filters import sampled
from asynclog.protocols import AnnouncingFilter

from .records import at, now, told


def test_a_record_is_kept_by_chance():
    """The numbers decide, not the records."""
    numbers = iter([0.0, 0.24, 0.25, 0.9])
    keep = sampled(0.25, random=lambda: next(numbers))
    assert [keep(at(0)) for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(("rate", "kept"), [(0, 0), (1, 1000)])
def test_none_and_all_are_exact(rate, kept):
    """No chance is left at the ends."""
    keep = sampled(rate)
    assert sum(keep(at(0)) for _ in range(1000)) == kept


def test_what_was_held_back_is_told_after_its_time():
    """Once, and then counted from zero."""
    keep = sampled(0, announce_every=5)
    for second in range(3):
        keep(at(second))
    assert keep.notices(now(4.9)) == []
    assert told(keep.notices(now(5))) == [("a", "3 lines held back: sampled at 0")]
    assert keep.notices(now(20), closing=True) == []


def test_closing_tells_at_once():
    """Nothing stays untold."""
    keep = sampled(0)
    keep(at(0))
    assert told(keep.notices(now(0), closing=True)) == [("a", "1 line held back: sampled at 0")]


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), "0.5", None, True])
def test_a_rate_that_is_no_share_is_refused(rate):
    """The message names it."""
    with pytest.raises(ValueError, match=r"^rate: expected a number from 0 to 1, got "):
        sampled(rate)


def test_it_announces():
    """The lane recognises it by its shape."""
    assert isinstance(sampled(1), AnnouncingFilter)


def test_repr_shows_rate_and_count():
    """For a debugger."""
    assert repr(sampled(0.5)) == "sampled(0.5, Held(count=0, label='', level=0))"
