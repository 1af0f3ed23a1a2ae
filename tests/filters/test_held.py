"""Counting what was held back."""

from __future__ import annotations

from asynclog.filters.held import Held, Pace

from .records import SECOND, at, now


def held(*records):
    """Return a count of *records*."""
    one = Held()
    for record in records:
        one.add(record)
    return one


def test_a_notice_has_the_common_label_and_the_highest_level():
    """It goes wherever one of the lines had gone."""
    notice = held(at(0, level=20), at(1, level=40), at(2, level=30)).announce(now(3), "why")
    assert (notice.label, notice.level, notice.message) == ("a", 40, "3 lines held back: why")
    assert (notice.time_ns, notice.attributes) == (now(3), {"held_back": 3})


def test_a_notice_about_several_labels_is_the_logger_s_own():
    """No label is blamed for the lines of another."""
    assert held(at(0, label="a"), at(0, label="b")).announce(now(0), "why").label == "asynclog"


def test_a_count_is_told_once():
    """Announcing begins anew."""
    one = held(at(0), at(0))
    one.announce(now(0), "why")
    assert one.count == 0
    assert not one.due(now(99), 0)


def test_a_notice_is_due_after_its_time_or_when_the_clock_went_back():
    """A clock that was put back does not delay it."""
    one = held(at(5))
    assert [one.due(now(t), 10 * SECOND) for t in (5, 14.9, 15, 4)] == [False, False, True, True]


def test_merging_adds_up():
    """Label and level are treated as in adding."""
    one = held(at(3, label="a", level=20))
    one.merge(held(at(4, label="b", level=40), at(4, label="b")))
    assert (one.count, one.label, one.level, one.since_ns) == (3, "asynclog", 40, now(3))


def test_merging_into_nothing_takes_all_over():
    """The other count is spent."""
    one, other = Held(), held(at(4, label="b", level=40))
    one.merge(other)
    assert (one.count, one.label, one.since_ns, other.count) == (1, "b", now(4), 0)


def test_the_pace_is_once_a_second_and_after_a_step_back():
    """Nothing is searched after every batch."""
    pace = Pace(10 * SECOND)
    assert [pace.elapsed(now(t)) for t in (0, 0.9, 1, 1.5, 0.5)] == [True, False, True, False, True]


def test_repr_shows_the_count():
    """For a debugger."""
    assert repr(held(at(0))) == "Held(count=1, label='a', level=20)"
