"""Any object as plain values."""

import json
import math
import sys
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.jsonable import (
    CYCLE,
    MAX_DEPTH,
    MAX_FIELD,
    MAX_NODES,
    MAX_TEXT,
    MORE,
    TOO_DEEP,
    is_tidy,
    jsonable,
    key_text,
    nonfinite_name,
    unrenderable,
)
from tests.making import Hostile, HostileError

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


class _Colour(Enum):
    RED = "red"
    PAIR = (1, 2)


class _Number(IntEnum):
    ONE = 1


@dataclass
class _Point:
    x: int
    inner: object = None


@attrs.define
class _Square:
    side: int


class _Struct(msgspec.Struct):
    field: int


class _Pair(NamedTuple):
    left: int
    right: int


class _Moment(datetime):
    """A date of a library of its own."""


class _BadZone(tzinfo):
    def utcoffset(self, when):
        raise ValueError("no offset")


class _LyingText(str):
    __slots__ = ()

    def __str__(self):
        return 5  # noqa: PLE0307 - that is the lie

    def isascii(self):
        return True

    def encode(self, *args):
        raise ValueError("no bytes")


class _LyingList(list):
    def __iter__(self):
        while True:
            yield 1


class _LyingDict(dict):
    def items(self):
        raise ValueError("no items")


class _LyingInt(int):
    def __str__(self):
        raise ValueError("no text")

    __repr__ = __int__ = __index__ = __str__


class _LyingMeta(type):
    @property
    def __name__(cls):
        raise ValueError("no name")


class _Nameless(metaclass=_LyingMeta):
    def __str__(self):
        raise ValueError("no text")


def _cyclic():
    items = []
    items.append(items)
    return items


def _deep(depth):
    value = "bottom"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (-0.0, -0.0),
        ("text", "text"),
        (datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2020-01-02T03:04:05.000006Z"),
        (datetime(2020, 1, 2, 3, 4, 5), "2020-01-02T03:04:05"),  # noqa: DTZ001
        (datetime.max, "9999-12-31T23:59:59.999999"),  # noqa: DTZ901
        (_Moment(2020, 1, 2, tzinfo=UTC), "2020-01-02T00:00:00+00:00"),
        (date(2020, 1, 2), "2020-01-02"),
        (time(1, 2), "01:02:00"),
        (timedelta(days=1, seconds=2), "P1DT2S"),
        (Decimal("1.50"), "1.50"),
        (Decimal("sNaN"), "sNaN"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"abc\xff", "YWJj/w=="),
        (bytearray(b"a"), "YQ=="),
        (memoryview(b"a"), "YQ=="),
        (_Colour.RED, "red"),
        (_Colour.PAIR, "PAIR"),
        (_Number.ONE, 1),
        (_Point(1, "z"), {"x": 1, "inner": "z"}),
        (_Square(2), {"side": 2}),
        (_Struct(3), {"field": 3}),
        (_Pair(1, 2), [1, 2]),
        ((1, [2]), [1, [2]]),
        ({7}, [7]),
        (frozenset({7}), [7]),
        (deque([1, 2]), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
        (Counter("aa"), {"a": 2}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (PurePosixPath("/etc/x"), "/etc/x"),
        (Fraction(1, 3), "1/3"),
        (1j, "1j"),
        (ValueError("wrong"), "ValueError: wrong"),
        (ValueError(), "ValueError"),
        (range(3), "range(0, 3)"),
        (int, "<class 'int'>"),
        (msgspec.Raw(b"[1]"), [1]),
        (msgspec.Raw(b"{]"), "{]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_value_has_its_form(value, plain):
    """The encoder's own, and text for what JSON has no type for."""
    assert jsonable(value) == plain
    assert type(jsonable(value)) is type(plain)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (_LyingText("text"), "text"),
        (_LyingInt(5), 5),
        (_LyingList([1, 2]), [1, 2]),
        (_LyingDict(a=1), {"a": 1}),
    ],
    ids=["str", "int", "list", "dict"],
)
def test_a_subclass_is_what_the_builtin_type_holds(value, plain):
    """Its own methods are not called."""
    assert jsonable(value) == plain
    assert type(jsonable(value)) is type(plain)


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (Hostile(), "<unrenderable: Hostile>"),
        (HostileError(), "<unrenderable: HostileError>"),
        (_Nameless(), "<unrenderable: _Nameless>"),
        (datetime(2020, 1, 1, tzinfo=_BadZone()), "<unrenderable: datetime>"),
    ],
    ids=["object", "error", "metaclass", "zone"],
)
def test_a_value_that_fails_is_marked_with_its_type(value, mark):
    """Nothing else of the record is lost."""
    assert jsonable([value, 1]) == [mark, 1]


def test_a_field_that_fails_is_marked_alone():
    """The others are kept."""
    point = _Point(1)
    del point.x
    assert jsonable(point) == {"x": "<unrenderable: AttributeError>", "inner": None}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_null(value):
    """JSON has no word for them."""
    assert jsonable([value]) == [None]


@pytest.mark.parametrize(
    ("value", "name"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_numbers_that_are_not_finite_may_be_text(value, name):
    """By the names that JavaScript has for them."""
    assert jsonable([value], nonfinite="string") == [name]
    assert nonfinite_name(value) == name


def test_a_cycle_is_marked_where_it_closes():
    """The containers around it are kept."""
    cyclic = {"a": 1}
    cyclic["self"] = [cyclic]
    assert jsonable(cyclic) == {"a": 1, "self": [CYCLE]}


def test_a_dataclass_that_holds_itself_is_marked():
    """Not only built-in containers can be cyclic."""
    point = _Point(1)
    point.inner = point
    assert jsonable(point) == {"x": 1, "inner": CYCLE}


def test_the_same_container_twice_is_no_cycle():
    """It is written twice."""
    shared = [1]
    assert jsonable([shared, shared]) == [[1], [1]]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 200_000])
def test_what_lies_too_deep_is_marked(depth):
    """No recursion error, however deep."""
    assert json.dumps(jsonable(_deep(depth))) == "[" * MAX_DEPTH + f'"{TOO_DEEP}"' + "]" * MAX_DEPTH


def test_what_lies_just_deep_enough_is_kept():
    """The bound itself is not beyond it."""
    assert jsonable(_deep(MAX_DEPTH)) == _deep(MAX_DEPTH)


@pytest.mark.parametrize("value", [range(10**9), (i for i in [1]), iter([1]), map(str, [1])])
def test_an_iterator_is_never_iterated(value):
    """It may be infinite, and someone else needs what is in it."""
    assert isinstance(jsonable(value), str)


@pytest.mark.parametrize(
    ("wide", "last"),
    [([0] * 50_000, MORE), ({str(i): 0 for i in range(50_000)}, MORE)],
    ids=["list", "dict"],
)
def test_what_is_too_wide_is_cut_and_says_so(wide, last):
    """Writing it would stall the loop."""
    plain = jsonable(wide)
    assert len(plain) <= MAX_NODES
    assert (list(plain.values()) if isinstance(plain, dict) else plain)[-1] == last


def test_a_long_text_is_cut_and_says_how_long_it_was():
    """One line must not fill the disk."""
    assert jsonable("x" * 10**7) == "x" * MAX_FIELD + "<cut: 10,000,000 characters>"


def test_the_text_of_a_foreign_object_is_cut():
    """The repr of a data frame is no log message."""
    assert len(jsonable(type("Long", (), {"__str__": lambda self: "x" * 10**6})())) == MAX_TEXT


def test_lone_surrogates_are_shown():
    """UTF-8 cannot encode them."""
    assert jsonable({"\ud800": "a\udfffé"}) == {"\\ud800": "a\\udfffé"}


def test_a_giant_number_is_hexadecimal_text():
    """Python refuses to write so many decimals, for the time that would take."""
    assert jsonable(1 << 20_000) == "0x1" + "0" * 5000


def test_the_hexadecimal_text_is_cut_too():
    """It says how large the number was."""
    text = jsonable(1 << 1_000_000)
    assert text.startswith("0x1000")
    assert text.endswith("0<1,000,001 bits>")


def test_numbers_within_the_limit_are_numbers():
    """A parser may read them exactly."""
    assert jsonable(10 ** (sys.get_int_max_str_digits() - 1)) == 10 ** (
        sys.get_int_max_str_digits() - 1
    )


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("a", "a"),
        (_LyingText("a"), "a"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (1.5, "1.5"),
        (b"a\xff", "a\\xff"),
        ((1, 2), "(1, 2)"),
        (_Colour.RED, "red"),
        (_Colour.PAIR, "PAIR"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Hostile(), "<unrenderable: Hostile>"),
        ("\ud800", "\\ud800"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_key_is_text(key, text):
    """Whatever a dict takes for one."""
    assert key_text(key) == text


def test_keys_with_the_same_text_are_told_apart():
    """A parser would keep only the last of them."""
    assert jsonable({1: "a", "1": "b", "1_": "c"}) == {"1": "a", "1_": "b", "1__": "c"}


@given(PLAIN)
def test_plain_values_stay_as_they_are(value):
    """Up to the bounds."""
    assert jsonable(value) == value


@pytest.mark.parametrize(
    "value", [1, "text", None, [1, "a"], {"a": [{"b": 1}]}, (1,), {"when": date(2020, 1, 1)}]
)
def test_values_of_builtin_types_are_tidy(value):
    """The encoder writes them as they are."""
    assert is_tidy(value)


@pytest.mark.parametrize(
    "value",
    [
        {1: 2},
        [{1: 2}],
        {"a": {None: 1}},
        object(),
        [object()],
        {1, 2},
        _Point(1),
        _LyingDict(),
        [0] * (MAX_NODES + 1),
        _deep(MAX_DEPTH + 1),
        _cyclic(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_not_tidy(value):
    """They need another look."""
    assert not is_tidy(value)


def test_the_mark_names_the_type():
    """Also where the type's own name cannot be asked for."""
    assert unrenderable(_Nameless()) == "<unrenderable: _Nameless>"
