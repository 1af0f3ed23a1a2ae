"""Values as text."""

from __future__ import annotations

import enum
import math
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.cutting import MAX_FIELD
from asynclog.formatters.specs import Spec, parse_spec
from asynclog.formatters.values import (
    Faults,
    clean,
    cut_mark,
    default_text,
    show_by,
    show_plain,
)
from tests.making import Hostile, HostileError


class Colour(enum.Enum):
    """Prints as its name."""

    RED = 1


class Strict:
    """Takes no spec."""

    def __format__(self, spec):
        raise TypeError("no")


class Number(int):
    """Prints as two lines."""

    def __str__(self):
        return "a\nb"


@dataclass
class Point:
    """Has a repr."""

    x: int


def _cycle():
    inside = []
    inside.append(inside)
    return inside


def _deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


MOMENT = datetime(2022, 3, 6, 9, 15, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("a\nb", r"a\nb"),
        (None, "none"),
        (True, "true"),
        (False, "false"),
        (-42, "-42"),
        (1.0, "1.0"),
        (1e20, "1e+20"),
        (math.nan, "nan"),
        (-0.0, "-0.0"),
        (b"a\n", r"b'a\n'"),
        (Decimal("1.50"), "1.50"),
        (MOMENT, "2022-03-06 09:15:44+00:00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("/a\n"), r"/a\n"),
        (Colour.RED, "Colour.RED"),
        (Point(1), "Point(x=1)"),
        (Number(5), r"a\nb"),
        ([1, "a\nb", None], r"[1, 'a\nb', None]"),
        ({"a": [True]}, "{'a': [True]}"),
        (_cycle(), "['<cycle>']"),
        (ValueError("bad\n"), r"ValueError: bad\n"),
    ],
    ids=repr,
)
def test_a_value_prints_as_python_prints_it(value, text):
    """With the words that Blackhole has for none, true and false."""
    assert show_plain(Faults())(value) == text


def test_a_number_of_many_digits_is_printed_in_hexadecimal():
    """Where Python refuses to convert it."""
    assert show_plain(Faults())(1 << 20_000).startswith("0x1000")


class Liar(str):
    """Calls itself short."""

    __slots__ = ()

    def __len__(self):
        return 0


@pytest.mark.parametrize("way", [clean, show_plain(Faults())], ids=["clean", "show"])
def test_text_of_a_kind_of_its_own_is_taken_as_it_is(way):
    """It may lie about its length."""
    assert way(Liar("x" * (MAX_FIELD + 1))).endswith("<cut: 131,073 characters>")


def test_deep_containers_are_cut():
    """Rather than exhausting the stack."""
    assert "too deep" in show_plain(Faults())(_deep())


def test_a_long_text_is_cut_and_measured():
    """So that one line cannot fill a disk."""
    text = show_plain(Faults())("x" * (MAX_FIELD + 1))

    assert text == "x" * MAX_FIELD + "<cut: 131,073 characters>"


@pytest.mark.parametrize(
    ("length", "mark"), [(MAX_FIELD, ""), (10**6, "<cut: 1,000,000 characters>")]
)
def test_the_mark_of_a_cut_text_tells_its_length(length, mark):
    """A text of allowed length has none."""
    assert cut_mark("x" * length) == mark


@pytest.mark.parametrize("kind", [Hostile, HostileError])
def test_a_value_that_fails_is_named_and_counted(kind):
    """Its own methods may do anything."""
    faults = Faults()

    assert show_plain(faults)(kind()) == f"<unrenderable: {kind.__name__}>"
    assert faults.unrenderable == 1


def test_the_name_of_a_type_cannot_break_a_line():
    """It may be made of anything."""
    kind = type("a\nb", (Hostile,), {})

    assert show_plain(Faults())(kind()) == r"<unrenderable: a\nb>"


@pytest.mark.parametrize(
    ("spec", "value", "text"),
    [
        (">8", "hello", "   hello"),
        (".2", "hello", "he"),
        (">6", "a\nb", r"  a\nb"),
        (">6", None, "  none"),
        (">6", False, " false"),
        ("05d", True, "00001"),
        ("+", 42, "+42"),
        ("#x", -42, "-0x2a"),
        (".1f", 1.25, "1.2"),
        (".1%", 0.125, "12.5%"),
        (",d", 1234567, "1,234,567"),
        (".2f", Decimal("1.555"), "1.56"),
        ("s", Decimal("1.5"), "1.5"),
        ("%H:%M", MOMENT, "09:15"),
        ("%H\n%M", MOMENT, r"09\n15"),
        (">10", Point(1), "Point(x=1)"),
        (">12", [1], "         [1]"),
        ("c", 10, r"\n"),
        ("c", 65, "A"),
        ("si", 17_600_000, "17.6M"),
        (">8iec", 1024, "  1.00Ki"),
        ("8si", 1, "       1"),
        ("<8si", 1, "1       "),
    ],
)
def test_a_value_takes_a_spec(spec, value, text):
    """Numbers as Python has it, the rest as text."""
    assert show_by(parse_spec(spec), Faults())(value) == text


@pytest.mark.parametrize(
    ("spec", "value", "text"),
    [
        ("d", "hello", "<unrenderable: str as 'd': hello>"),
        (".3", 42, "<unrenderable: int as '.3': 42>"),
        ("d", None, "<unrenderable: NoneType as 'd': none>"),
        (">5s", 404, "<unrenderable: int as '>5s': 404>"),
        ("s", 1.5, "<unrenderable: float as 's': 1.5>"),
        ("s", True, "<unrenderable: bool as 's': true>"),
        (".2", True, "<unrenderable: bool as '.2': true>"),
        ("+", "a\n", r"<unrenderable: str as '+': a\n>"),
        ("si", "big", "<unrenderable: str as 'si': big>"),
        ("si", math.inf, "<unrenderable: float as 'si': inf>"),
        ("%H", "x", "<unrenderable: str as '%H': x>"),
        (">8", Strict(), "<unrenderable: Strict>"),
    ],
)
def test_a_value_that_a_spec_does_not_suit_is_shown_and_counted(spec, value, text):
    """A harmless one with its text: nothing is lost."""
    faults = Faults()

    assert show_by(parse_spec(spec), faults)(value) == text
    assert faults.unrenderable == 1


def test_a_hostile_value_with_a_spec_is_named():
    """Nothing of it is called twice."""
    assert show_by(parse_spec(">8"), Faults())(Hostile()) == "<unrenderable: Hostile>"


@pytest.mark.parametrize(
    ("default", "spec", "text"),
    [
        ("none", "", "none"),
        ("1e3", "", "1e3"),
        ("007", "", "007"),
        ("42", "#06x", "0x002a"),
        ("0", "04", "0000"),
        ("1.5", ".3f", "1.500"),
        ("7", "8", "       7"),
        ("n/a", "*^7", "**n/a**"),
        ("abcdef", ".2", "ab"),
        ("-", ">8.2f", "       -"),
        ("none", "d", "none"),
        ("0", "si", "0"),
        ("-", ">5si", "    -"),
        ("9" * 5000, ".1f", "9" * 5000),
        ("nan", ".1f", "nan"),
    ],
    ids=lambda text: text[:8],
)
def test_a_default_takes_the_spec_as_far_as_it_suits(default, spec, text):
    """A number as a number, text at least padded."""
    assert default_text(default, parse_spec(spec)) == text


@given(st.text())
def test_clean_text_can_be_written_on_a_line(text):
    """Whatever it was."""
    cleaned = clean(text)

    assert len(cleaned.splitlines()) <= 1
    assert cleaned.encode().decode() == cleaned


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES, st.sampled_from(["", "s", "d", ">8", ".2f", "+", "c", "%H", "si", "=5"]))
def test_any_value_with_any_spec_is_one_line(value, spec):
    """Nothing raises."""
    shown = show_by(parse_spec(spec), Faults())(value)

    assert len(shown.splitlines()) <= 1


def test_no_spec_is_the_plain_way():
    """Both show the same."""
    assert show_by(Spec(), Faults())(True) == "true"
