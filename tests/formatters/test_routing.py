"""The options routing and mapping."""

import pytest

from asynclog.errors import PatternError
from asynclog.formatters.layouts import BLACKHOLE, FLAT, OTEL, Layout, Member
from asynclog.formatters.routing import Routes, pointer_text
from asynclog.formatters.shapes import Place


def _pointer(routes, name):
    return routes.place(name, slot=99).pointer


def test_without_options_all_is_at_the_root():
    """Under its own name."""
    assert Routes(FLAT).place("a", 99) == Place((), "a", 99, fixed=False)


def test_a_fixed_member_is_known_by_its_slot():
    """An attribute may have the same name."""
    assert Routes(FLAT).place("level", 1).fixed
    assert not Routes(FLAT).place("level", 99).fixed


def test_names_go_where_they_are_routed():
    """The others go to the root."""
    routes = Routes(FLAT, {"/x": ["a", "b"]})
    assert [_pointer(routes, name) for name in "abc"] == [("x",), ("x",), ()]


@pytest.mark.parametrize("rest", ["*", "", "anything"])
def test_any_string_means_the_rest(rest):
    """As Blackhole has it."""
    routes = Routes(FLAT, {"": ["a"], "/x": rest})
    assert [_pointer(routes, name) for name in "ab"] == [(), ("x",)]


def test_of_two_pointers_for_the_rest_the_last_holds():
    """As Blackhole has it."""
    assert Routes(FLAT, {"/x": "*", "/a": "*"}).rest == ("a",)


@pytest.mark.parametrize("order", [("/a", "/b"), ("/b", "/a")])
def test_a_name_routed_twice_goes_to_the_pointer_that_sorts_first(order):
    """A file's order of keys does not matter."""
    assert _pointer(Routes(FLAT, {pointer: ["n"] for pointer in order}), "n") == ("a",)


def test_the_last_key_is_renamed():
    """Routing goes by the name that the record has."""
    routes = Routes(FLAT, {"/x": ["a"], "/y": ["b"]}, {"a": "b"})
    assert routes.place("a", 99)[:2] == (("x",), "b")


def test_a_layout_has_routes_of_its_own():
    """The options go before them."""
    assert _pointer(Routes(OTEL), "trace_id") == ()
    assert _pointer(Routes(OTEL), "user") == ("Attributes",)
    assert _pointer(Routes(OTEL, {"/Resource": ["user", "trace_id"]}), "trace_id") == ("Resource",)
    assert Routes(OTEL, None, {"trace_id": "trace"}).place("trace_id", 99).key == "trace"


def test_a_member_with_a_place_of_its_own_does_not_go_with_the_rest():
    """Unless it is routed by name."""
    layout = Layout((Member("a", "time", "/x"), Member("b", "time", ""), Member("c", "time")))
    routes = Routes(layout, {"/rest": "*", "/named": ["a"]})
    assert [_pointer(routes, name) for name in "abc"] == [("named",), (), ("rest",)]


def test_the_keys_of_fixed_members_are_reserved():
    """In the container where they lie, as they are written."""
    routes = Routes(FLAT, {"/x": ["label"]}, {"level": "severity"})
    assert routes.reserved() == {
        (): frozenset({"timestamp", "severity", "message", "exception"}),
        ("x",): frozenset({"label"}),
    }


def test_special_names_are_those_that_cannot_go_with_the_others():
    """Routed, renamed, or the name of a container among them."""
    routes = Routes(BLACKHOLE, {"/rest": "*", "/rest/inner": ["a"], "/x": ["b"]}, {"c": "d"})
    assert routes.special_names() == {"a", "b", "c", "inner"}


def test_names_of_containers_are_special_where_the_rest_is_the_root():
    """An attribute of that name must step aside."""
    assert Routes(BLACKHOLE, {"/x/y": ["a"]}).special_names() == {"a", "x"}


@pytest.mark.parametrize(
    ("routing", "mapping", "message"),
    [
        (["/a"], None, "routing: expected an object"),
        ({"a": ["b"]}, None, "JSON pointer 'a'"),
        ({"a": "*"}, None, "JSON pointer 'a'"),
        ({"/a": [1]}, None, r"routing\['/a'\]\[0\]: expected a string, got 1"),
        ({"/a": None}, None, r"routing\['/a'\]: expected a list of strings, got None"),
        ({"/a/999": ["b"]}, None, "index 999 is above 255"),
        (None, ["a"], "mapping: expected an object"),
        (None, {"a": 1}, "mapping.a: expected a string, got 1"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(routing, mapping, message):
    """When the formatter is built."""
    with pytest.raises(PatternError, match=message):
        Routes(FLAT, routing, mapping)


def test_a_pointer_is_written_with_its_escapes():
    """The tilde first."""
    assert pointer_text(("a/b", "~1", "")) == "/a~1b/~01/"
