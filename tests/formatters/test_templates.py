"""Templates for one value."""

from contextlib import suppress
from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.errors import PatternError
from asynclog.formatters.templates import Template
from tests.making import Hostile


class Plain:
    """Knows how to print itself, and nothing of specs."""

    def __str__(self):
        return "1.1"


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{:#x}", 255, "0xff"),
        ("{:.2f}", 3.14159, "3.14"),
        ("[{:>8}]", "value", "[   value]"),
        ("{0:d}/{0:x}", 255, "255/ff"),
        ("{{{}}}", 1, "{1}"),
        ("0x123456", "replaced", "0x123456"),
        ("<{}>", None, "<none>"),
        ("<{}>", True, "<true>"),
        ("<{:>6}>", False, "< false>"),
        ("{:d}", True, "1"),
        ("{:si}", 17_600_000, "17.6M"),
        ("{:iec}", 2048, "2.00Ki"),
        ("{:%H:%M}", time(1, 2), "01:02"),
        ("{:.1f}", Decimal("1.25"), "1.2"),
    ],
)
def test_a_value_is_shown_by_its_template(template, value, text):
    """In Python's mini-language, with words for what is no number and no text."""
    assert Template(template).fill(value) == text


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{:d}", "text", "<unrenderable: str as '{:d}': text>"),
        ("{:d}", 1.5, "<unrenderable: float as '{:d}': 1.5>"),
        ("{:.2f}", None, "<unrenderable: NoneType as '{:.2f}': none>"),
        ("[{:s}]", True, "<unrenderable: bool as '[{:s}]': true>"),
        ("{:.2}", False, "<unrenderable: bool as '{:.2}': false>"),
        ("{:s}", 1, "<unrenderable: int as '{:s}': 1>"),
    ],
)
def test_a_value_that_the_spec_does_not_suit_is_marked(template, value, text):
    """Nothing of a record is lost because of a spec."""
    assert Template(template).fill(value) == text


def test_a_number_too_long_to_print_is_marked():
    """In hexadecimal, which takes no longer the more digits there are."""
    assert Template("{:s}").fill(16**5_000).startswith("<unrenderable: int as '{:s}': 0x1000")


def test_a_value_that_takes_no_spec_is_kept_as_it_is():
    """It prints itself."""
    value = Plain()
    assert Template("{:>10}").fill(value) is value


def test_a_value_that_cannot_be_shown_is_kept_as_it_is():
    """The encoder marks it."""
    value = Hostile()
    assert Template("{}").fill(value) is value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "formatting.k: single '{' encountered"),
        ("}", "formatting.k: single '}' encountered"),
        ("{name}", "formatting.k: expected {}, {0} or {:spec}, got {name}"),
        ("{1}", "formatting.k: expected"),
        ("{0.__class__}", "formatting.k: expected"),
        ("{0[key]}", "formatting.k: expected"),
        ("{!r}", "got {!r}"),
        ("{:q}", "'q' is not a format spec"),
        ("{:>99999}", "width 99999 is too large"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(text, message):
    """When the formatter is built; values and their insides cannot be reached."""
    with pytest.raises(PatternError) as caught:
        Template(text, "formatting.k")
    assert message in str(caught.value)


@given(st.text(alphabet="{}:0>x d!.[]a"))
def test_any_text_is_a_template_or_refused(text):
    """Nothing else comes out of it."""
    with suppress(PatternError):
        Template(text).fill(5)
