"""At most so many a second."""

from __future__ import annotations

from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.filters import rate_limited

from .records import at, now, told


def kept(keep, *times, **attributes):
    """Return which records at *times* are kept."""
    return [keep(at(t, **attributes)) for t in times]


def test_a_second_s_worth_may_come_at_once():
    """Then one for each step of the rate."""
    keep = rate_limited(2)
    assert kept(keep, 0, 0, 0, 0.4, 0.5, 0.6, 1.0) == [True, True, False, False, True, False, True]


def test_a_quiet_time_saves_no_more_than_the_burst():
    """An hour of silence is no licence to flood."""
    keep = rate_limited(1, burst=2)
    assert kept(keep, 0, 3600, 3600, 3600) == [True, True, True, False]


def test_a_rate_below_one_keeps_one_now_and_then():
    """One in ten seconds."""
    assert kept(rate_limited(0.1), 0, 9.9, 10) == [True, False, True]


@pytest.mark.parametrize(
    "key", ["label", "user", attrgetter("label"), lambda record: record.attributes["user"]]
)
def test_each_key_has_its_own_allowance(key):
    """A field, an attribute or what a callable says."""
    keep = rate_limited(1, key)
    records = [at(0, label=name, user=name) for name in ("x", "x", "y")]
    assert [keep(record) for record in records] == [True, False, True]


def test_an_attribute_that_cannot_be_hashed_is_a_key_as_text():
    """A list limits like any other value."""
    keep = rate_limited(1, "ids")
    assert [keep(at(0, ids=ids)) for ids in ([1], [1], [2], None)] == [True, False, True, True]


def test_a_record_without_the_attribute_counts_as_one_key():
    """All of them share an allowance."""
    assert kept(rate_limited(1, "user"), 0, 0) == [True, False]


def test_a_clock_put_back_does_not_silence_for_long():
    """Nobody owes more than the allowance, whatever the clock says."""
    keep = rate_limited(1)
    assert kept(keep, 7200, 0, 0, 1) == [True, True, False, True]


def test_what_was_held_back_is_told_by_key():
    """One line for each key, and once."""
    keep = rate_limited(1, "label", announce_every=5)
    for label in "aab":
        keep(at(0, label=label))
        keep(at(0, label=label))
    assert keep.notices(now(4)) == []
    assert told(keep.notices(now(5))) == [
        ("a", "3 lines held back: more than 1 a second of a"),
        ("b", "1 line held back: more than 1 a second of b"),
    ]
    assert keep.notices(now(60), closing=True) == []


def test_without_a_key_none_is_named():
    """All lines are one."""
    keep = rate_limited(1)
    kept(keep, 0, 0)
    assert told(keep.notices(now(0), closing=True)) == [
        ("a", "1 line held back: more than 1 a second")
    ]


def test_of_too_many_keys_the_oldest_is_forgotten_but_its_count_is_told():
    """Memory is bounded; the account is not cut."""
    keep = rate_limited(1, "label", max_keys=2)
    for label in "aabbcc":
        keep(at(0, label=label))
    assert told(keep.notices(now(60))) == [
        ("b", "1 line held back: more than 1 a second of b"),
        ("c", "1 line held back: more than 1 a second of c"),
        ("a", "1 line held back: more than 1 a second"),
    ]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"per_second": 0}, "per_second"),
        ({"per_second": "3"}, "per_second"),
        ({"key": 7}, "key"),
        ({"burst": 0}, "burst"),
        ({"max_keys": True}, "max_keys"),
        ({"announce_every": -1}, "announce_every"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(arguments, named):
    """With its value, when the filter is made."""
    with pytest.raises(
        ValueError, match=f"^{named}: expected .* got {next(iter(arguments.values()))!r}"
    ):
        rate_limited(**{"per_second": 1, **arguments})


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5), st.integers(1, 5))
def test_no_stretch_of_time_holds_more_than_burst_and_rate_allow(times, rate, burst):
    """What is kept and what is held back add up to all that came."""
    keep = rate_limited(rate, burst=burst)
    passed = [t for t in sorted(times) if keep(at(t))]
    for first, t in enumerate(passed):
        assert sum(t <= other <= t + 1 for other in passed[first:]) <= burst + rate
    notices = keep.notices(now(20), closing=True)
    assert len(passed) + sum(n.attributes["held_back"] for n in notices) == len(times)


def test_repr_shows_rate_and_counts():
    """For a debugger."""
    keep = rate_limited(1)
    kept(keep, 0, 0)
    assert repr(keep) == "rate_limited(more than 1 a second, keys=1, held=1)"
