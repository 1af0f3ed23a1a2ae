"""Attributes from several sources."""

import pytest

from asynclog.layers import LayeredAttributes, pairs_of


@pytest.fixture
def layered():
    """A name in two layers, and a name twice in one."""
    return LayeredAttributes({"a": 1, "b": 2}, [("a", 3), ("c", 4), ("c", 5)])


def test_a_lookup_finds_the_first(layered):
    """The nearest source wins."""
    assert layered == {"a": 1, "b": 2, "c": 4}


def test_the_order_is_that_of_the_lookup(layered):
    """Where a name stands first is where it stays."""
    assert list(layered) == ["a", "b", "c"]


def test_hidden_pairs_are_kept(layered):
    """For formatters that print them."""
    assert pairs_of(layered) == [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("c", 5)]


def test_the_layers_stay_apart(layered):
    """For whoever must build them again."""
    assert layered.layers == ((("a", 1), ("b", 2)), (("a", 3), ("c", 4), ("c", 5)))


def test_a_plain_dict_has_its_own_pairs():
    """Nothing is hidden in it."""
    assert pairs_of({"a": 1}) == [("a", 1)]


def test_no_layers_are_no_attributes():
    """And count as such."""
    assert not LayeredAttributes()
