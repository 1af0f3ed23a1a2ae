"""Values as plain text."""

import math

import pytest

from asynclog.formatters.cutting import MAX_FIELD
from asynclog.formatters.plain import plain_text
from tests.making import Hostile

WORDS = {None: "none", True: "yes", False: "no"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", "a\nb"),
        (5, "5"),
        (0.1, "0.1"),
        (1.0, "1.0"),
        (1e100, "1e+100"),
        (math.nan, "nan"),
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        ({"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'),
        ((), "[]"),
        (ValueError("wrong"), "ValueError: wrong"),
        (Hostile(), "<unrenderable: Hostile>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_has_its_text(value, text):
    """Floats by repr, containers as JSON, words for the rest."""
    assert plain_text(value, WORDS) == text


def test_a_long_text_is_cut():
    """As everywhere."""
    assert len(plain_text("x" * 10**6, WORDS)) < MAX_FIELD + 100


def test_a_text_of_a_subclass_becomes_exact():
    """A subclass may lie in any of its methods."""
    assert type(plain_text(type("Text", (str,), {})("a"), WORDS)) is str
