"""The attributes of a record, as they were at the call."""

from __future__ import annotations

import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.attributes import MAX_DEPTH, combine, exception_of, snapshot

from .making import Hostile, HostileError

NAMES = st.dictionaries(st.sampled_from("abcd"), st.integers(), max_size=4)


@given(call=NAMES, bound=NAMES, scope=NAMES)
def test_the_nearest_source_of_a_name_wins(call, bound, scope):
    """The call hides what is bound, and that hides the scope."""
    expected = {**scope, **bound, **call}
    assert (combine(call, bound, scope) or {}) == expected


@given(call=NAMES, bound=NAMES, scope=NAMES)
def test_names_stand_in_the_order_of_lookup(call, bound, scope):
    """First those of the call, then the bound ones, then those of the scope."""
    expected = list(dict.fromkeys([*call, *bound, *scope]))
    assert list(combine(call, bound, scope) or ()) == expected


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_attributes_at_all_are_none(nothing):
    """A record without any keeps no empty dict."""
    assert combine({}, nothing, nothing) is None


def test_a_list_changed_after_the_call_is_kept_as_it_was():
    """A line prints what was true when it was logged."""
    numbers = [1]
    kept = combine({"numbers": numbers}, None, None)
    numbers.append(2)
    assert kept == {"numbers": [1]}


@pytest.mark.parametrize(
    "value", [[1], (1,), {"a": 1}, {1}, bytearray(b"x"), [[1], {"b": {2}}]], ids=repr
)
def test_a_container_is_copied_with_what_lies_in_it(value):
    """The copy is equal, and of the same type."""
    copy = snapshot(value)
    assert (copy, type(copy)) == (value, type(value))
    assert copy is not value


@pytest.mark.parametrize(
    "value", ["text", 7, None, frozenset({1}), object()], ids=lambda value: type(value).__name__
)
def test_what_is_no_plain_container_is_kept_itself(value):
    """Copying an object of a foreign class could do anything."""
    assert snapshot(value) is value


def test_the_innermost_list_is_copied_too():
    """Down to the depth that is promised."""
    inner = [1]
    copy = snapshot({"outer": [inner]})
    inner.append(2)
    assert copy == {"outer": [[1]]}


def test_below_the_greatest_depth_containers_are_shared():
    """Nesting costs bounded time, and no recursion error."""
    deep = inner = []
    for _ in range(20_000):
        inner.append([])
        inner = inner[0]
    copy = snapshot(deep)
    for _ in range(MAX_DEPTH):
        deep, copy = deep[0], copy[0]
    assert copy is deep


def test_a_value_found_twice_is_copied_once():
    """A few lists that hold each other many times would cost time without end."""
    wide = [1]
    for _ in range(MAX_DEPTH - 1):
        wide = [wide] * 10
    copy = snapshot(wide)
    assert all(one is copy[0] for one in copy)


def test_a_list_that_holds_itself_is_copied_as_such():
    """The copy holds the copy."""
    cycle = []
    cycle.extend([cycle, (cycle,)])
    copy = snapshot(cycle)
    assert copy is not cycle
    assert copy[0] is copy[1][0] is copy


def test_a_container_that_cannot_be_copied_is_kept_itself():
    """A key whose hash fails later on must not fail the call of log()."""

    class Once:
        hashes = 0

        def __hash__(self):
            self.hashes += 1
            return hash(1) if self.hashes == 1 else Hostile().__hash__()

    value = {Once(): []}
    assert snapshot(value) is value


def test_an_exception_means_itself():
    """As in the standard library."""
    assert exception_of(KeyError("x")).type == "KeyError"


def test_a_triple_means_its_exception():
    """What `sys.exc_info()` returns is taken as well."""
    error = OSError("full")
    assert exception_of((OSError, error, None)).message == "full"
    assert exception_of((None, None, None)) is None


@pytest.mark.parametrize("wanted", [True, 1, "yes", (1,)])
def test_a_true_value_means_the_exception_being_handled(wanted):
    """This is what `exc_info=True` is for."""
    with suppress(ZeroDivisionError):
        try:
            1 / 0  # noqa: B018
        finally:
            told = exception_of(wanted)
    assert told.type == "ZeroDivisionError"


@pytest.mark.parametrize("value", [True, False, None, 0, ()])
def test_without_an_exception_there_is_none(value):
    """Outside of an `except` block a true value means nothing either."""
    assert sys.exception() is None
    assert exception_of(value) is None


def test_an_exception_that_calls_itself_false_is_kept():
    """Its truth is not asked."""

    class EmptyError(Exception):
        def __bool__(self):
            raise ValueError("neither")

    assert exception_of(EmptyError("x")).message == "x"


def test_hostile_values_are_taken_for_no_exception():
    """Nothing that is handed over may break the call."""
    assert exception_of(Hostile()) is None
    assert exception_of(HostileError()).message.startswith("<unprintable")
