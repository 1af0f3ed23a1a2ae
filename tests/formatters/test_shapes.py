"""Where each member of a document goes."""

import json

import pytest

from asynclog.errors import PatternError
from asynclog.formatters.shapes import Arrangement, Arrays, Place, Shape, is_index


def _arrangement(*pointers, reserved=None):
    arrays = Arrays({pointer: "/".join(pointer) for pointer in pointers})
    return Arrangement(arrays, reserved, json.dumps)


def _document(*members, reserved=None, fixed=0):
    """Return the text of a document with *members*, each `(pointer, key)`; values are numbers."""
    places = [
        Place(pointer, key, slot, fixed=slot < fixed) for slot, (pointer, key) in enumerate(members)
    ]
    arrangement = _arrangement(*(place.pointer for place in places), reserved=reserved)
    return arrangement.shape(places).fill([str(place.slot) for place in places])


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([], "{}"),
        ([((), "a")], '{"a":0}'),
        ([((), "a"), ((), "b")], '{"a":0,"b":1}'),
        ([(("x",), "a"), ((), "b"), (("x",), "c")], '{"x":{"a":0,"c":2},"b":1}'),
        ([(("x", "y"), "a"), (("x",), "b")], '{"x":{"y":{"a":0},"b":1}}'),
        ([(("",), "a")], '{"":{"a":0}}'),
        ([((), 'a"b')], '{"a\\"b":0}'),
    ],
)
def test_containers_are_made_when_first_needed(members, text):
    """And keep the place where they were made."""
    assert _document(*members) == text


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([(("x", "0"), "a")], '{"x":[{"a":0}]}'),
        ([(("x", "2"), "a")], '{"x":[null,null,{"a":0}]}'),
        (
            [(("x", "1"), "a"), (("x", "0"), "b"), (("x", "1"), "c")],
            '{"x":[{"b":1},{"a":0,"c":2}]}',
        ),
        (
            [(("x", "0"), "a"), (("x", "-"), "b"), (("x", "-"), "c")],
            '{"x":[{"a":0},{"b":1},{"c":2}]}',
        ),
        ([(("x", "-"), "a")], '{"x":{"-":{"a":0}}}'),
        ([(("0",), "a")], '{"0":{"a":0}}'),
        ([(("x", "01"), "a")], '{"x":{"01":{"a":0}}}'),
        ([(("x", "0"), "a"), (("x", "y"), "b")], '{"x":{"0":{"a":0},"y":{"b":1}}}'),
        ([(("x", "0"), "a"), (("x",), "b")], '{"x":{"0":{"a":0},"b":1}}'),
        ([(("x", "0", "1"), "a")], '{"x":[[null,{"a":0}]]}'),
    ],
)
def test_a_container_that_is_only_indexed_is_an_array(members, text):
    """Whatever the order in which its items come; the root is always an object."""
    assert _document(*members) == text


def test_a_name_may_stand_twice_where_nothing_is_reserved():
    """As Blackhole writes it."""
    assert _document(((), "a"), ((), "a")) == '{"a":0,"a":1}'


def test_a_name_stands_once_where_names_are_protected():
    """A parser would keep only the last one."""
    assert _document(((), "a"), ((), "a"), ((), "a_"), reserved={}) == '{"a":0,"a_":1,"a__":2}'


def test_a_reserved_name_is_for_fixed_members():
    """Even where the member is not in this document."""
    reserved = {(): frozenset({"a", "b"})}
    assert _document(((), "a"), ((), "b"), reserved=reserved, fixed=1) == '{"a":0,"b_":1}'


@pytest.mark.parametrize("reserved", [None, {}])
@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([((), "k"), (("k",), "z")], '{"k":0,"k_":{"z":1}}'),
        ([(("k",), "z"), ((), "k")], '{"k":{"z":0},"k_":1}'),
        ([((), "k"), (("k",), "z"), (("k",), "y")], '{"k":0,"k_":{"z":1,"y":2}}'),
    ],
)
def test_a_value_and_a_container_never_share_a_name(members, text, reserved):
    """The later one gets an underscore, and nothing is lost."""
    assert _document(*members, reserved=reserved) == text


def test_a_text_may_bring_its_own_names():
    """All attributes of a record together."""
    places = [Place((), "a", 0, fixed=True), Place(("x",), None, 1, fixed=False)]
    shape = _arrangement(("x",)).shape(places, "\n")
    assert shape.fill(["1", '"b":2,"c":3']) == '{"a":1,"x":{"b":2,"c":3}}\n'


def test_columns_fill_one_document_for_each_row():
    """The same as one after the other."""
    shape = Shape(['{"a":', 0, ',"b":', 2, "}"])
    rows = [("1", "unused", "2"), ("3", "unused", "4")]
    assert shape.fill_columns(list(zip(*rows, strict=True)), 2) == [shape.fill(row) for row in rows]


def test_a_column_may_be_one_text_for_all():
    """It becomes part of the text between the others."""
    assert Shape(["[", 0, ",", 1, ",", 0, "]"]).fill_columns(["x", ["1", "2"]], 2) == [
        "[x,1,x]",
        "[x,2,x]",
    ]


def test_all_columns_may_be_one_text_for_all():
    """Then so are the documents."""
    assert Shape(["[", 0, "]"]).fill_columns(["x"], 2) == ["[x]", "[x]"]


def test_columns_of_a_shape_without_holes_are_counted():
    """A document may be the same for all records."""
    assert Shape(["{}"]).fill_columns([], 3) == ["{}"] * 3


@pytest.mark.parametrize("index", ["256", "99999999999999999999"])
def test_an_index_is_bounded(index):
    """One pointer must not make a million nulls."""
    with pytest.raises(PatternError, match=f"index {index} is above 255"):
        Arrays({("x", index): f"/x/{index}"})


def test_the_highest_index_is_allowed():
    """The bound itself is not beyond it."""
    assert ("x",) in Arrays({("x", "255"): "/x/255"})


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("0", True),
        ("10", True),
        ("01", False),
        ("-", False),
        ("-1", False),
        ("", False),
        ("٣", False),
    ],
)
def test_an_index_is_written_in_plain_digits(name, answer):
    """Without a zero in front."""
    assert is_index(name) is answer
