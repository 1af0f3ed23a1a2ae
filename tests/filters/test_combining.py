"""Filters made of filters."""

from __future__ import annotations

import pytest

from asynclog.filters import all_of, any_of, at_least, labelled, none_of, sampled
from asynclog.protocols import AnnouncingFilter

from .records import at, now, told

WARNING = at_least(30)
CT = labelled("ct")


@pytest.mark.parametrize(
    ("combine", "kept"),
    [
        (all_of, [True, False, False, False]),
        (any_of, [True, True, True, False]),
        (none_of, [False, False, False, True]),
    ],
)
def test_the_three_combinations(combine, kept):
    """Over both true, one true, the other true, none true."""
    keep = combine(WARNING, CT)
    cases = [("ct", 40), ("vm", 40), ("ct", 20), ("vm", 20)]
    assert [keep(at(0, label=label, level=level)) for label, level in cases] == kept


@pytest.mark.parametrize("combine", [all_of, any_of, none_of])
def test_a_combination_of_none_keeps_everything(combine):
    """Combining nothing changes nothing."""
    assert combine()(at(0)) is True


@pytest.mark.parametrize("combine", [all_of, any_of])
def test_a_combination_of_one_is_that_one(combine):
    """Nothing is wrapped without need."""
    assert combine(WARNING) is WARNING


def test_any_of_asks_the_announcing_filter_last():
    """What another filter keeps is not counted as held back."""
    keep = any_of(sampled(0), WARNING)
    kept = [keep(at(0, level=40)), keep(at(0, level=20))]
    assert (kept, told(keep.notices(now(60)))) == (
        [True, False],
        [("a", "1 line held back: sampled at 0")],
    )


def test_all_of_asks_the_announcing_filter_last():
    """What another filter refuses is not counted as held back."""
    keep = all_of(sampled(0), WARNING)
    keep(at(0, level=20))
    assert keep.notices(now(60), closing=True) == []


def test_a_combination_announces_only_with_an_announcing_member():
    """The lane asks only those that have something to tell."""
    assert isinstance(all_of(WARNING, sampled(1)), AnnouncingFilter)
    assert not isinstance(all_of(WARNING, CT), AnnouncingFilter)


def test_any_of_refuses_two_announcing_filters():
    """The first would count what the second keeps."""
    with pytest.raises(ValueError, match=r"at most one filter that announces .* got 2"):
        any_of(sampled(0), sampled(1))


def test_none_of_refuses_an_announcing_filter():
    """Turned round, it would tell of what was kept."""
    with pytest.raises(ValueError, match="announces"):
        none_of(sampled(0))


def test_a_combination_shows_its_members():
    """A debugger sees the rule."""
    assert repr(all_of(WARNING, sampled(1))).startswith("AllOf(")
