"""Attributes from several sources."""

import pytest

from asynclog.stacked import StackedAttributes, pairs_of


@pytest.fixture
def stacked():
    """A name in two sources, and a name twice in one."""
    return StackedAttributes({"a": 1, "b": 2}, [("a", 3), ("c", 4), ("c", 5)])


def test_a_lookup_finds_the_first(stacked):
    """The nearest source wins."""
    assert stacked == {"a": 1, "b": 2, "c": 4}


def test_the_order_is_that_of_the_lookup(stacked):
    """Where a name stands first is where it stays."""
    assert list(stacked) == ["a", "b", "c"]


def test_hidden_pairs_are_kept(stacked):
    """For formatters that print them."""
    assert pairs_of(stacked) == [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("c", 5)]


def test_the_sources_stay_apart(stacked):
    """For whoever must build them again."""
    assert stacked.sources == ((("a", 1), ("b", 2)), (("a", 3), ("c", 4), ("c", 5)))


def test_a_plain_dict_has_its_own_pairs():
    """Nothing is hidden in it."""
    assert pairs_of({"a": 1}) == [("a", 1)]


def test_no_sources_are_no_attributes():
    """And count as such."""
    assert not StackedAttributes()
