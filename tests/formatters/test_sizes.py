"""Sizes for people."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.sizes import IEC_UNITS, SI_UNITS, format_iec, format_si


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00k"),
        (9_994, "9.99k"),
        (9_995, "10.0k"),
        (99_949_999_999_999_999, "99.9P"),
        (999_499_999_999_999_999, "999P"),
        (10**21, "1.00Z"),
        (-5, "-5"),
        (12.4, "12"),
        (1e6, "1.00M"),
    ],
)
def test_powers_of_1000(number, text):
    """Three significant digits and a unit."""
    assert format_si(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1023, "1023"), (1024, "1.00Ki"), (1047961, "1023Ki"), (1048576, "1.00Mi"), (2**80, "1.00Yi")],
)
def test_powers_of_1024(number, text):
    """Up to four digits and a unit."""
    assert format_iec(number) == text


@given(st.integers(0, 999 * 10**30))
def test_a_size_is_never_longer_than_its_column(number):
    """Five characters in powers of 1000, six in powers of 1024."""
    assert len(format_si(number)) <= 5
    assert len(format_iec(number)) <= 6


@given(st.integers(0, 10**32))
def test_a_size_is_near_its_number(number):
    """The text read back differs by rounding alone."""
    digits = format_si(number).rstrip("".join(SI_UNITS))
    unit = format_si(number)[len(digits) :]
    scale = 1000 ** (SI_UNITS.index(unit) + 1) if unit else 1

    assert math.isclose(float(digits) * scale, number, rel_tol=0.006, abs_tol=0)


@given(st.integers(1024, 1024 ** len(IEC_UNITS)))
def test_sizes_grow_with_their_numbers(number):
    """A thousandth more is never printed as less."""
    more = number + number // 1000

    assert _value(format_iec(more)) >= _value(format_iec(number))


def _value(text):
    digits = text.rstrip("KMGTPEZYRQi")
    return float(digits) * 1024 ** (IEC_UNITS.index(text[len(digits) :]) + 1)


@pytest.mark.parametrize(
    "number", [math.inf, math.nan, 10**40, 1 << 20_000], ids=["inf", "nan", "big", "huge"]
)
def test_what_has_no_size_is_refused(number):
    """Numbers beyond all units, and what is no number."""
    with pytest.raises((OverflowError, ValueError)):
        format_si(number)
