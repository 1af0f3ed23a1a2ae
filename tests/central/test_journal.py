"""Tests of asynclog.central.journal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.central.batches import Batch
from asynclog.central.counting import Section
from asynclog.central.journal import Acknowledged, Delta, Recovered, Sealed, entries, entry


def section(events, group="g"):
    """Return a section of one group."""
    return Section(1, 20, {group: (events, b"payload")})


def batch(number, events=1):
    """Return a batch of one group."""
    return Batch(number, (section(events),))


def recovered(*what):
    """Return what is left of a file of *what*, as events by number, and the numbers of new ones."""
    found = Recovered(b"".join(map(entry, what)), 1000, 1000)
    return {one.number: one.events for one in found.batches}, [one.number for one in found.fresh]


def test_events_that_were_in_no_batch_become_one():
    """The first of the stream, if there was none before."""
    assert recovered(Delta(0, (section(2),)), Delta(0, (section(3),))) == ({1: 5}, [1])


def test_counters_become_part_of_the_batch():
    """What was dropped is told by whoever comes next."""
    found = Recovered(entry(Delta(0, (), (("dropped_producer:20", 7),))), 1000, 1000)

    assert found.batches == [Batch(1, (), (("dropped_producer:20", 7),))]


def test_a_batch_covers_the_deltas_of_its_epoch():
    """Those that came later are behind it."""
    what = [Delta(0, (section(2),)), Delta(1, (section(4),)), Sealed(0, (batch(1, 2),))]

    assert recovered(*what) == ({1: 2, 2: 4}, [2])


def test_what_was_acknowledged_is_done_with():
    """But its numbers are taken."""
    what = [Sealed(0, (batch(1), batch(2), batch(3))), Acknowledged(2), Delta(1, (section(4),))]

    assert recovered(*what) == ({3: 1, 4: 4}, [4])
    assert recovered(Acknowledged(9), Delta(1, (section(4),))) == ({10: 4}, [10])


def test_an_empty_file_leaves_nothing():
    """As does one in which all is acknowledged."""
    assert recovered() == ({}, [])
    assert recovered(Sealed(0, (batch(1),)), Acknowledged(1)) == ({}, [])


def test_many_groups_become_several_batches():
    """Each with room for so many."""
    deltas = [Delta(0, (section(1, f"g{i}"),)) for i in range(5)]
    found = Recovered(b"".join(map(entry, deltas)), 2, 1000)

    assert [(one.number, one.events) for one in found.batches] == [(1, 2), (2, 2), (3, 1)]


@given(st.integers(0, 200))
def test_a_torn_end_loses_the_last_entry_only(cut):
    """Wherever the process was killed."""
    whole = entry(Delta(0, (section(2),)))
    last = entry(Sealed(0, (batch(1, 2),)))

    found = list(entries(whole + last[:cut]))

    assert found[0] == Delta(0, (section(2),))
    assert len(found) == 1 + (cut >= len(last))


@pytest.mark.parametrize("position", [0, 3, 5, 9, -1])
def test_damage_ends_the_file(position):
    """What stands behind it may be anything."""
    data = bytearray(entry(Acknowledged(1)) * 2)
    data[position] ^= 0xFF

    assert len(list(entries(bytes(data)))) == (1 if position == -1 else 0)


@given(st.binary(max_size=100))
def test_any_bytes_can_be_read(data):
    """A stranger's file does no harm."""
    assert list(entries(data)) == []


def test_an_entry_of_another_kind_ends_the_file():
    """One of a later version, perhaps."""
    data = entry(Acknowledged(1)).replace(b"\x92\x03", b"\x92\x09")

    assert list(entries(data)) == []
