"""Tests of asynclog.central.counting."""

from collections import Counter
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.central.counting import DROPPED, FOLDED, Counting
from asynclog.central.keys import OVER

ALL = (1 << 40, 1 << 40)
SECOND = 1_000_000_000


def taken(counting, *bounds):
    """Return what is taken, as {(second, level): {group: repeats}}, in order, and the losses."""
    sections, lost = counting.take(*(bounds or ALL))
    found = {
        (one.second, one.level): {group: n for group, (n, _) in one.groups.items()}
        for one in sections
    }
    return found, dict(lost)


def test_repeats_are_counted_and_the_first_payload_kept():
    """For each second apart."""
    counting = Counting()
    counting.add(1, 20, "g", b"first")
    counting.add(1, 20, "g", b"second", 4)

    (section,), _ = counting.take(*ALL)

    assert section.groups == {"g": (5, b"first")}
    assert counting.empty


def test_who_holds_a_tally_counts_by_it():
    """While its second lasts."""
    counting = Counting(skew_ns=5)
    assert counting.count(1, 20, "g", lambda: b"first") is None
    tally, span = counting.count(1, 20, "g", lambda: b"first")
    tally.repeats += 1
    span.repeats += 1

    assert (span.begin_ns, span.end_ns) == (999_999_995, 1_999_999_995)
    assert counting.events == 3
    assert taken(counting)[0] == {(1, 20): {"g": 3}}
    assert tally.payload == b""


CLOSING = {
    "taken": lambda counting: counting.take(1, 1),
    "folded": lambda counting: counting.add(1, 40, "higher", b""),
    "closed": lambda counting: counting.close(),
    "skewed": lambda counting: counting.set_skew(7),
}


@pytest.mark.parametrize("how", CLOSING)
def test_a_closed_span_has_no_room(how):
    """What would be counted by a tally then would be nowhere."""
    counting = Counting(max_groups=2)
    counting.add(1, 20, "a", b"")
    _, span = counting.count(1, 20, "a", lambda: b"")
    counting.add(1, 20, "b", b"")
    CLOSING[how](counting)

    assert span.repeats >= span.room


def test_a_span_that_is_used_up_is_renewed():
    """Nothing is lost; who held it knows that others should have their turn."""
    counting = Counting()
    counting.add(1, 20, "g", b"")
    tally, span = counting.count(1, 20, "g", lambda: b"")
    tally.repeats += span.room
    span.repeats += span.room
    assert span.used_up
    _, other = counting.count(1, 20, "g", lambda: b"")

    assert (other.repeats, other.used_up) == (0, False)
    assert taken(counting)[0] == {(1, 20): {"g": span.repeats + 3}}


def test_after_a_change_of_clocks_the_new_span_has_the_new_time():
    """And the section goes on."""
    counting = Counting()
    counting.add(1, 20, "g", b"")
    counting.set_skew(7)
    _, span = counting.count(1, 20, "g", lambda: b"")

    assert (span.begin_ns, span.end_ns) == (999_999_993, 1_999_999_993)
    assert taken(counting)[0] == {(1, 20): {"g": 2}}


@pytest.mark.parametrize("group", ["same", "other"])
def test_making_a_payload_may_count_events_itself(group):
    """It writes down what foreign objects say of themselves, and these may log."""
    counting = Counting()

    def make():
        counting.add(1, 20, group, b"inner")
        return b"outer"

    counting.count(1, 20, "same", make)

    assert counting.groups == len({group, "same"})
    assert sum(taken(counting)[0][1, 20].values()) == 2
    assert (counting.groups, counting.bytes, counting.events) == (0, 0, 0)


def test_a_payload_that_cannot_be_made_leaves_the_account_as_it_was():
    """As where somebody interrupts the program meanwhile."""
    counting = Counting()

    def make():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counting.count(1, 20, "g", make)

    assert counting.events == 0


def test_the_oldest_second_comes_first_and_in_it_the_highest_level():
    """So that a server without room takes in what matters."""
    counting = Counting()
    for second, level in [(2, 10), (1, 10), (2, 50), (1, 50)]:
        counting.add(second, level, "g", b"")

    assert list(taken(counting)[0]) == [(1, 50), (1, 10), (2, 50), (2, 10)]


def test_an_unknown_group_folds_when_there_is_no_room():
    """Its events are counted, by level."""
    counting = Counting(max_groups=1)
    counting.add(1, 20, "known", b"")
    counting.add(1, 20, "new", b"", 4)
    counting.add(1, 20, "known", b"")

    assert taken(counting) == ({(1, 20): {"known": 2, OVER: 4}}, {(FOLDED, 20): 4})


def test_a_group_of_a_lower_level_makes_room():
    """The lowest first, and only as many as needed."""
    counting = Counting(max_groups=2)
    counting.add(1, 20, "info", b"", 2)
    counting.add(1, 10, "debug", b"", 3)
    counting.add(1, 40, "error", b"")

    found, lost = taken(counting)

    assert found == {(1, 40): {"error": 1}, (1, 20): {"info": 2}, (1, 10): {OVER: 3}}
    assert lost == {(FOLDED, 10): 3}


def test_bytes_are_bounded_too():
    """A payload larger than all the room there is folds as well."""
    counting = Counting(max_bytes=10)
    counting.add(1, 20, "small", b"x" * 6)
    counting.add(1, 20, "large", b"x" * 6)
    counting.add(1, 40, "huge", b"x" * 11)

    assert counting.bytes == 6
    assert taken(counting)[1] == {(FOLDED, 20): 1, (FOLDED, 40): 1}


def test_a_section_too_many_is_dropped_and_counted():
    """A clock gone mad does not fill the memory."""
    counting = Counting(max_sections=1)
    counting.add(1, 20, "g", b"")
    counting.add(2, 20, "g", b"", 5)

    assert taken(counting) == ({(1, 20): {"g": 1}}, {(DROPPED, 20): 5})


def test_losses_alone_can_be_taken():
    """They are told to the server even if nothing else is."""
    counting = Counting(max_sections=0)
    counting.add(1, 20, "g", b"")

    assert not counting.empty
    assert taken(counting) == ({}, {(DROPPED, 20): 1})
    assert counting.empty


def test_what_is_taken_is_bounded_and_the_rest_stays():
    """A batch has so many groups, and so many bytes."""
    counting = Counting()
    for group in "abcd":
        counting.add(1, 20, group, b"12345")

    assert taken(counting, 3, 1000)[0] == {(1, 20): {"a": 1, "b": 1, "c": 1}}
    counting.add(1, 20, "e", b"12345")
    assert taken(counting, 10, 1)[0] == {(1, 20): {"d": 1}}
    assert taken(counting)[0] == {(1, 20): {"e": 1}}


def test_levels_and_seconds_out_of_range_are_bounded():
    """They come from the caller, and become names of counters and keys."""
    counting = Counting()
    counting.add(10**30, -(10**30), "g", b"")

    assert taken(counting)[0] == {(9_000_000_000, -1000): {"g": 1}}


def test_a_snapshot_can_be_merged():
    """And leaves everything where it is."""
    one, other = Counting(max_groups=1), Counting()
    one.add(1, 20, "a", b"x", 2)
    one.add(1, 20, "b", b"y", 3)

    other.merge(one.snapshot())

    assert taken(other)[0] == taken(one)[0] == {(1, 20): {"a": 2, OVER: 3}}


ADDED = st.tuples(
    st.integers(1, 4),
    st.sampled_from([10, 20, 40]),
    st.sampled_from("abcdef"),
    st.binary(max_size=8),
    st.integers(1, 3),
)


def repeated(known, second):
    """Return whether one more event of *second* was counted by what is *known* of its group."""
    if known is None or known[1].repeats >= known[1].room:
        return False
    if not known[1].begin_ns <= second * SECOND < known[1].end_ns:
        return False
    known[0].repeats += 1
    known[1].repeats += 1
    return True


@given(
    st.lists(st.one_of(ADDED, st.integers(1, 4)), max_size=60),
    st.integers(1, 6),
    st.integers(1, 20),
    st.integers(0, 6),
)
def test_nothing_is_lost_and_the_bounds_hold(steps, max_groups, max_bytes, max_sections):
    """Whatever is added and taken: every event comes out once, or is counted as dropped."""
    counting = Counting(max_groups, max_bytes, max_sections)
    produced, found, lost, known = 0, Counter(), Counter(), {}

    def take(bound):
        sections, more = counting.take(bound, bound)
        for section in sections:
            for group, (n, _) in section.groups.items():
                found[group == OVER] += n
        for (cause, _), n in more.items():
            lost[cause] += n

    for step in steps:
        if isinstance(step, int):
            take(step)
        else:
            second, level, group, payload, _ = step
            if repeated(known.get((level, group)), second):
                produced += 1
            else:
                known[level, group] = counting.count(second, level, group, partial(bytes, payload))
                counting.add(*step)
                produced += 1 + step[4]
        assert counting.groups <= max_groups
        assert counting.bytes <= max_bytes
        assert counting.events + found.total() + lost[DROPPED] + counting.lost.total() >= produced
    while not counting.empty:
        take(2)

    assert produced == found.total() + lost[DROPPED]
    assert found[True] == lost[FOLDED]
    assert (counting.groups, counting.bytes, counting.events) == (0, 0, 0)
