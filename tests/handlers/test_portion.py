"""Formatted lines of one sealed batch."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asynclog.handlers.portion import Portion
from asynclog.ledger import Cause, Ledger, SealedBatch

from ..making import records


def portion_of(size, indices):
    """Return a portion of a batch of *size* lines, and its ledger."""
    ledger = Ledger(100)
    some = records(size)
    for one in some:
        ledger.admit(one)
    sealed = SealedBatch(some, ledger, 1)
    picked = sealed.pick(indices)
    return Portion(sealed, indices, picked, [f"<{one.message}>" for one in picked]), ledger


def test_settling_a_portion_settles_its_lines():
    """And none of the others."""
    portion, ledger = portion_of(5, [1, 3])
    portion.settle(Cause.SINK_FAILED)
    assert (ledger.dropped, portion.sealed.unsettled) == (2, 3)


@given(
    indices=st.one_of(
        st.lists(st.integers(0, 9), unique=True).map(sorted),
        st.builds(range, st.integers(0, 5), st.integers(5, 10)),
    ),
    data=st.data(),
)
def test_the_two_parts_of_a_split_are_the_whole(indices, data):
    """In order, and each with what belongs to it."""
    portion, _ = portion_of(10, indices)
    count = data.draw(st.integers(0, len(indices)))
    head, rest = portion.split(count)
    assert len(head.lines) == count
    assert [*head.indices, *rest.indices] == list(indices)
    assert head.records + rest.records == portion.records
    assert head.lines + rest.lines == portion.lines
    assert head.sealed is rest.sealed is portion.sealed


@given(count=st.integers(0, 6))
def test_settling_the_parts_settles_each_line_once(count):
    """Neither twice nor never."""
    portion, ledger = portion_of(6, range(6))
    head, rest = portion.split(count)
    head.settle(None)
    rest.settle(Cause.CLOSED)
    assert (ledger.emitted, ledger.dropped, portion.sealed.unsettled) == (count, 6 - count, 0)
