"""When a sink flushes by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.sinks.flushing import Automatic, EveryBytes, EveryRecords, parse_flush


def asked(policy, *sizes):
    """Return after which of the writes the policy asks for a flush."""
    return [policy.update(size) for size in sizes]


def test_automatic_never_asks():
    """The sink decides."""
    policy = Automatic()
    policy.reset()
    assert asked(policy, 1, 10**12) == [False, False]
    assert not policy.update_many(10**6, 10**12)


def test_every_so_many_records():
    """An empty write does not count."""
    assert asked(EveryRecords(2), 5, 0, 5, 5, 5) == [False, False, True, False, True]


def test_every_so_many_bytes_carries_the_rest_over():
    """What exceeds the threshold counts for the next flush."""
    policy = EveryBytes(10)
    assert asked(policy, 9, 2, 8, 1) == [False, True, False, True]
    assert policy.counter == 0


@pytest.mark.parametrize("policy", [EveryRecords(3), EveryBytes(3)])
def test_a_flush_from_elsewhere_counts_anew(policy):
    """Nothing is flushed twice in a row."""
    asked(policy, 1, 1)
    policy.reset()
    assert asked(policy, 1, 1, 1) == [False, False, True]


@given(st.lists(st.integers(1, 50), min_size=1), st.integers(1, 40))
def test_lines_written_as_one_count_as_each_of_them(sizes, threshold):
    """A batch asks for a flush if one of its lines had."""
    for kind in (EveryRecords, EveryBytes):
        single, many = kind(threshold), kind(threshold)
        assert many.update_many(len(sizes), sum(sizes)) == any(asked(single, *sizes))
        assert single.counter == many.counter


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        (None, "Automatic()"),
        (0, "Automatic()"),
        ("0", "Automatic()"),
        (100, "EveryRecords(100, counter=0)"),
        ("10MB", "EveryBytes(10000000, counter=0)"),
        ("1024", "EveryBytes(1024, counter=0)"),
    ],
)
def test_a_setting_names_a_policy(value, policy):
    """A number counts lines, text counts bytes."""
    assert repr(parse_flush(value)) == policy


@pytest.mark.parametrize("value", [-1, True, False, 1.5, "10 MB", [], "every"])
def test_a_setting_that_is_none_is_refused(value):
    """The message names it."""
    with pytest.raises(ValueError, match=r"^flush: expected .*MB.* got "):
        parse_flush(value)
