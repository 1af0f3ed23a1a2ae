"""Texts that are too long to be printed whole."""

import pytest

from asynclog.formatters.cutting import MAX_FIELD, cut_mark


class Shy(str):
    """A text that says it has none."""

    __slots__ = ()

    def __len__(self):
        return 0


@pytest.mark.parametrize("length", [0, MAX_FIELD])
def test_what_is_printed_whole_has_no_mark(length):
    """Up to the last character."""
    assert cut_mark("x" * length) == ""


@pytest.mark.parametrize("kind", [str, Shy])
def test_a_mark_tells_how_long_the_text_was(kind):
    """Whatever its class says."""
    assert cut_mark(kind("x" * 131_073)) == "<cut: 131,073 characters>"
