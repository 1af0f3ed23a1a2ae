"""Sizes and spans of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.units import SIZE_UNITS, parse_seconds, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1024", 1024),
        ("10MB", 10_000_000),
        ("64KiB", 65_536),
        ("007kB", 7_000),
        ("1GiB", 1 << 30),
        ("18446744073709551615", 2**64 - 1),
    ],
)
def test_a_size_is_a_number_with_an_optional_unit(text, size):
    """Thousands and powers of two are told apart, and leading zeros are no octal."""
    assert parse_size(text) == size


def test_a_whole_number_is_a_size():
    """Code gives numbers, files give text: both are taken."""
    assert parse_size(4096) == 4096


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MB",
        "10 MB",
        "1.5MB",
        "10K",
        "10mb",
        "10KB",
        "10TiB",
        "9" * 5_000,
        "1e3",
        "0x10",
        "-1",
        "+1",
        "1\n",
        "\u0661",
    ],
)
def test_any_other_text_is_refused_with_its_value(text):
    """The message shows what was given, and the units that exist."""
    with pytest.raises(ValueError, match=r"^limit: expected .*KiB.* got ") as caught:
        parse_size(text, "limit")
    assert repr(text) in str(caught.value)


def test_a_size_beyond_all_disks_is_refused():
    """Blackhole counts in 64 bits, and so does every file system."""
    with pytest.raises(ValueError, match=r"^size: expected at most .* got '18446744073709551616'"):
        parse_size("18446744073709551616")


@pytest.mark.parametrize("value", [-1, True, 1.5, None, b"1"])
def test_a_value_of_another_type_is_refused(value):
    """A negative size and a boolean are mistakes, not sizes."""
    with pytest.raises(ValueError, match="got " + repr(value)):
        parse_size(value)


@given(st.integers(0, 10**9), st.sampled_from(sorted(SIZE_UNITS)))
def test_number_and_unit_multiply(number, unit):
    """Every unit works with every number."""
    assert parse_size(f"{number}{unit}") == number * SIZE_UNITS[unit]


@pytest.mark.parametrize("value", [90, 90.0, timedelta(minutes=1, seconds=30)])
def test_a_span_is_seconds_or_a_timedelta(value):
    """Both say the same."""
    assert parse_seconds(value, "every") == 90.0


@pytest.mark.parametrize(
    "value", [0, -1, float("nan"), float("inf"), timedelta(0), "1", None, True]
)
def test_a_span_that_is_none_is_refused(value):
    """Zero, negative, endless and foreign values are named in the message."""
    with pytest.raises(ValueError, match=r"^every: expected"):
        parse_seconds(value, "every")
