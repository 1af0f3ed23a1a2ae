"""What waits for one sink, and the batch that it was given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclog.handlers.backlog import MAX_BATCH, MAX_TEXT, Backlog
from asynclog.handlers.portion import Portion
from asynclog.ledger import Cause, Ledger, SealedBatch

from ..making import record


def portion_of(*lines, ledger=None):
    """Return *lines* as one portion, in the account of *ledger* if there is one."""
    some = [record(line) for line in lines]
    for one in some if ledger else ():
        ledger.admit(one)
    return Portion(SealedBatch(some, ledger, 1), range(len(some)), some, list(lines))


def backlog_of(*portions):
    """Return a backlog in which *portions* wait."""
    backlog = Backlog()
    for portion in portions:
        backlog.offer(portion)
    return backlog


def lines_of(portions):
    """Return all lines of *portions*."""
    return [line for portion in portions for line in portion.lines]


def test_without_lines_there_is_nothing():
    """It is false then, and has no head."""
    backlog = Backlog()
    assert (bool(backlog), backlog.head, backlog.lines, backlog.given) == (False, None, 0, 0)


def test_portions_are_merged_into_one_batch():
    """The very same, until somebody says what became of it."""
    backlog = backlog_of(portion_of("a", "b"), portion_of("c"))
    batch = backlog.next_batch()
    assert (batch.lines, backlog.given, backlog.lines) == (["a", "b", "c"], 3, 3)
    assert backlog.next_batch() is batch


def test_what_has_left_is_in_no_batch_any_more():
    """In the middle of a portion, too."""
    backlog = backlog_of(portion_of("a", "b"), portion_of("c", "d"))
    backlog.next_batch()
    assert lines_of(backlog.leave(3)) == ["a", "b", "c"]
    assert (backlog.given, backlog.has_given, backlog.lines) == (0, True, 1)
    assert backlog.next_batch().lines == ["d"]


def test_an_inserted_line_comes_first():
    """Before what is left of the batch."""
    backlog = backlog_of(portion_of("a", "b"), portion_of("c"))
    backlog.next_batch()
    backlog.leave(1)
    backlog.insert(portion_of("notice"))
    assert (backlog.next_batch().lines, backlog.lines) == (["notice", "b", "c"], 3)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([MAX_TEXT // 2] * 3, 2), ([MAX_TEXT + 1, 1], 1), ([1] * (MAX_BATCH + 1), MAX_BATCH)],
)
def test_a_batch_has_a_bound(lengths, expected):
    """In lines and in text; one line alone may be longer."""
    backlog = backlog_of(*(portion_of("x" * length) for length in lengths))
    assert len(backlog.next_batch()) == expected


def test_a_line_of_the_logger_itself_is_not_evicted():
    """It takes no room that a line of the program needs."""
    ledger = Ledger(10)
    backlog = backlog_of(portion_of("notice"), portion_of("a", "b", ledger=ledger))
    assert [backlog.evict(Cause.QUEUE_FULL) for _ in range(3)] == [True, True, False]
    assert (lines_of(backlog.take_all()), ledger.dropped) == (["notice"], 2)


def test_many_lines_are_evicted_at_once():
    """But of one portion only; one at a time, each would be copied for each line before it."""
    ledger = Ledger(10)
    backlog = backlog_of(portion_of("a", "b", "c", ledger=ledger), portion_of("d", ledger=ledger))
    assert [backlog.evict(Cause.HANDLER_FULL, most) for most in (2, 9, 9, 9)] == [2, 1, 1, 0]
    assert (backlog.lines, ledger.dropped) == (0, 4)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.one_of(
            st.integers(1, 4).map(lambda count: ("offer", count)),
            st.integers(0, 4).map(lambda count: ("leave", count)),
            st.sampled_from([("give", 0), ("take given", 0), ("pop", 0), ("insert", 1)]),
        ),
        max_size=30,
    )
)
def test_whatever_is_done_every_line_is_in_one_place(steps):
    """And the count is right at any moment."""
    backlog, inside, outside = Backlog(), 0, 0
    for what, count in steps:
        match what:
            case "offer":
                backlog.offer(portion_of(*"x" * count))
                inside += count
            case "insert":
                backlog.insert(portion_of("x"))
                inside += 1
            case "give":
                backlog.next_batch()
            case "leave":
                left = lines_of(backlog.leave(min(count, backlog.given)))
                outside += len(left)
            case "take given":
                outside += len(lines_of(backlog.take_given()))
            case "pop" if backlog.head is not None:
                outside += len(backlog.head.lines)
                backlog.pop()
        assert backlog.lines == inside - outside
    assert len(lines_of(backlog.take_all())) == inside - outside
    assert not backlog
