"""Filters that look at one record."""

from __future__ import annotations

import pytest

from asynclog.filters import at_least, labelled, where

from .records import at


@pytest.mark.parametrize(("level", "kept"), [(20, False), (30, True), (45, True)])
def test_at_least_keeps_its_level_and_above(level, kept):
    """Levels without a name take part."""
    assert at_least("warning")(at(0, level=level)) is kept


def test_an_unknown_level_is_refused_when_the_filter_is_made():
    """The mistake shows before the first record."""
    with pytest.raises(ValueError, match="got 'loud'"):
        at_least("loud")


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("ct/100", True),
        ("ct/", True),
        ("ct", False),
        ("xct/1", False),
        ("vm-7", True),
        ("vm-77", False),
        ("CT/1", False),
    ],
)
def test_labelled_matches_whole_labels(label, kept):
    """A star spans slashes too, a question mark stands for one character."""
    assert labelled("ct/*", "vm-?")(at(0, label=label)) is kept


def test_a_label_with_a_line_break_matches_a_star():
    """A star stands for any text."""
    assert labelled("*")(at(0, label="a\nb"))


@pytest.mark.parametrize("globs", [(), (7,), ("a", None)])
def test_labelled_refuses_what_is_no_glob(globs):
    """No glob at all is a mistake too."""
    with pytest.raises(ValueError, match="expected globs"):
        labelled(*globs)


def test_where_with_a_name_only_asks_for_presence():
    """Also a value that is false is there."""
    keep = where("user")
    assert [keep(at(0, user=None)), keep(at(0, other=1)), keep(at(0))] == [True, False, False]


@pytest.mark.parametrize(("status", "kept"), [(401, True), (403, True), (503, True), (200, False)])
def test_where_takes_values_and_tests(status, kept):
    """One of them is enough."""
    assert where("status", 401, 403, lambda value: value >= 500)(at(0, status=status)) is kept
