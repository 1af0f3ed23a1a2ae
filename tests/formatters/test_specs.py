"""Format specs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.specs import MAX_WIDTH, as_hexadecimal, parse_spec


@pytest.mark.parametrize(
    ("text", "kind", "padding"),
    [
        ("", "", ""),
        ("s", "s", ""),
        (">8", "", ">8"),
        ("*^+#012,.3f", "f", "*^12"),
        ("=6d", "d", ">6"),
        ("08.3f", "f", "8"),
        (">8si", "si", ">8"),
        ("iec", "iec", ""),
        (".2s", "s", ""),
        ("\n<5", "", "\n<5"),
    ],
)
def test_a_spec_is_taken_apart(text, kind, padding):
    """The type, and what any text can take."""
    spec = parse_spec(text)

    assert (spec.text, spec.type, spec.padding) == (text, kind, padding)


@pytest.mark.parametrize("text", ["q", ">>>8", "8.", "5 ", "sis", "x0"])
def test_what_is_no_spec_is_refused(text):
    """With what would be one."""
    with pytest.raises(ValueError, match=r"is not a format spec: expected .*fill"):
        parse_spec(text)


@pytest.mark.parametrize("text", ["1025", ">99999999999d", ".2000f", "5.1025", "1" * 5000])
def test_a_width_without_measure_is_refused(text):
    """Nobody can ask for gigabytes of blanks."""
    with pytest.raises(ValueError, match=r"is too large: at most 1,024 is allowed"):
        parse_spec(text)


def test_the_largest_width_is_allowed():
    """The bound itself is within the bounds."""
    assert parse_spec(f"{MAX_WIDTH}.{MAX_WIDTH}").text == "1024.1024"


def test_a_spec_for_dates_is_kept():
    """Dates have a format of their own."""
    assert parse_spec("%d.%m. at %H:%M").is_date


@pytest.mark.parametrize(
    ("text", "numeric"), [("d", True), (".1%", True), ("si", True), ("s", False), (">8", False)]
)
def test_types_of_numbers_are_known(text, numeric):
    """Those that text cannot take."""
    assert parse_spec(text).is_numeric is numeric


@pytest.mark.parametrize(
    ("text", "printed"), [("", "0xdead"), (">10", "    0xdead"), ("010", "0x0000dead")]
)
def test_a_number_can_be_made_hexadecimal(text, printed):
    """Width and fill stay."""
    assert format(0xDEAD, as_hexadecimal(parse_spec(text)).text) == printed


@given(st.text(st.characters(codec="ascii"), max_size=12))
def test_whatever_is_accepted_has_bounded_width(text):
    """A spec is refused, or prints at most as much as it may."""
    try:
        spec = parse_spec(text)
    except ValueError:
        return
    assert not spec.fits("") or len(format("", spec.text)) <= MAX_WIDTH
