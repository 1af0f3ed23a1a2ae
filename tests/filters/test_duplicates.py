"""One of many that say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.filters import deduplicated
from asynclog.tracebacks import capture

from .records import at, now, told


def test_the_first_is_kept_and_its_repeats_are_counted():
    """The notice tells how often, and of what."""
    keep = deduplicated(5)
    assert sum(keep(at(i / 1000, "boom")) for i in range(813)) == 1
    assert told(keep.notices(now(5))) == [("a", "last message repeated 812 times: boom")]


def test_other_lines_in_between_do_not_end_a_window():
    """The lines of concurrent tasks are mixed."""
    keep = deduplicated(5)
    assert [keep(at(0, text)) for text in "xyxyx"] == [True, True, False, False, False]


@pytest.mark.parametrize("other", [at(0, "n"), at(0, label="b"), at(0, level=40)])
def test_another_message_label_or_level_is_no_repeat(other):
    """Each is a line of its own."""
    keep = deduplicated(5)
    assert [keep(at(0)), keep(other)] == [True, True]


def test_attributes_do_not_make_a_difference():
    """A request's number is no reason to print a flood."""
    keep = deduplicated(5)
    assert [keep(at(0, request=1)), keep(at(0, request=2))] == [True, False]


def test_another_exception_is_no_repeat():
    """The same text about another failure is news."""
    keep = deduplicated(5)
    records = [at(0), at(0), at(0)]
    for record, error in zip(records, [OSError("x"), OSError("x"), OSError("y")], strict=True):
        record.exception = capture(error)
    assert [keep(record) for record in records] == [True, False, True]


def test_after_the_window_a_new_one_begins():
    """A lasting burst is one line a window, each with the count of the one before."""
    keep = deduplicated(5)
    assert [keep(at(t)) for t in (0, 4, 5, 6, 10)] == [True, False, True, False, True]
    assert [text for _, text in told(keep.notices(now(10), closing=True))] == [
        "last message repeated 1 time: m",
        "last message repeated 1 time: m",
    ]


def test_nothing_is_told_within_the_window_or_about_single_lines():
    """Silence where nothing was held back."""
    keep = deduplicated(5)
    keep(at(0, "once"))
    keep(at(0))
    keep(at(1))
    assert keep.notices(now(4.9)) == []
    assert told(keep.notices(now(6))) == [("a", "last message repeated 1 time: m")]
    assert keep.notices(now(99), closing=True) == []


def test_a_clock_put_back_ends_the_window():
    """Nothing is held back for the length of the step."""
    keep = deduplicated(5)
    assert [keep(at(100)), keep(at(0))] == [True, True]


def test_long_messages_are_told_apart_by_all_of_their_text():
    """Though only a digest of them is kept."""
    keep = deduplicated(5)
    texts = ["x" * 10_000 + "\ud800", "x" * 10_000 + "\ud800", "x" * 10_000 + "y"]
    assert [keep(at(0, text)) for text in texts] == [True, False, True]


def test_of_too_many_messages_the_oldest_is_forgotten_but_its_count_is_told():
    """Memory is bounded; the account is not cut."""
    keep = deduplicated(5, max_keys=1)
    for text in "aabbccdd":
        keep(at(0, text))
    assert sorted(text for _, text in told(keep.notices(now(9)))) == [
        "2 lines held back: repeated messages",
        "last message repeated 1 time: a",
        "last message repeated 1 time: d",
    ]


@pytest.mark.parametrize(
    ("arguments", "named"), [((0,), "window"), (("5",), "window"), ((1, 0), "max_keys")]
)
def test_an_argument_that_cannot_be_used_is_named(arguments, named):
    """With its value, when the filter is made."""
    with pytest.raises(ValueError, match=f"^{named}: expected"):
        deduplicated(arguments[0], **({"max_keys": arguments[1]} if arguments[1:] else {}))


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("abc"))), st.integers(1, 3))
def test_every_line_is_kept_or_counted(lines, max_keys):
    """Whatever the order, the window and the bound."""
    keep = deduplicated(3, max_keys=max_keys)
    kept = sum(keep(at(t, text)) for t, text in lines)
    notices = keep.notices(now(0), closing=True)
    assert kept + sum(notice.attributes["held_back"] for notice in notices) == len(lines)


def test_repr_shows_window_and_counts():
    """For a debugger."""
    keep = deduplicated(5)
    keep(at(0))
    keep(at(0))
    assert repr(keep) == "deduplicated(5, keys=1, held=1)"
