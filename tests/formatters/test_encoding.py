"""Values to JSON text."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.formatters.cutting import MAX_FIELD
from asynclog.formatters.encoding import Encoding
from tests.making import Hostile

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUE = SCALAR | st.lists(SCALAR) | st.dictionaries(TEXT, SCALAR)


def _texts(*values, **options):
    return Encoding(**options).texts(values)


def test_each_value_has_its_text():
    """In their order."""
    assert _texts(1, "a", None, [1]) == ["1", '"a"', "null", "[1]"]


def test_no_values_have_no_texts():
    """There is nothing to encode."""
    assert _texts() == []


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("a\nb", r'"a\nb"'),
        ("\x00\x1b", r'"\u0000\u001B"'),
        (r"\u001b \\u001b", r'"\\u001b \\\\u001b"'),
        ("\\\x1f\\u00e9", r'"\\\u001F\\u00e9"'),
        ("\x7f", r'"\u007F"'),
        ("\x85\x9b", r'"\u0085\u009B"'),
        ("\u2028\u202e", r'"\u2028\u202E"'),
        ("\U000e0001", r'"\uDB40\uDC01"'),
        ("é 日 😀", '"é 日 😀"'),
        ("\ud800", r'"\\ud800"'),
    ],
)
def test_what_is_invisible_is_escaped(text, encoded):
    """The line stays one line, and shows all that is in it."""
    assert _texts(text) == [encoded]


def test_one_unsafe_text_does_not_change_its_neighbours():
    """They are encoded together."""
    assert _texts("a", "\u2028", "é") == ['"a"', r'"\u2028"', '"é"']


def test_one_value_that_fails_does_not_change_its_neighbours():
    """The encoder gives up on all of them; then each is tried alone."""
    assert _texts("a", Hostile(), [1]) == ['"a"', '"<unrenderable: Hostile>"', "[1]"]


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ({1: "a", "1": "b"}, '{"1":"a","1_":"b"}'),
        ({None: 1}, '{"null":1}'),
        ([[[math.nan]]], "[[[null]]]"),
        ("[::]", '"[::]"'),
        ([{"a": []}], '[{"a":[]}]'),
        (1 << 20_000, json.dumps(hex(1 << 20_000))),
    ],
    ids=["double", "none", "nan", "brackets", "tidy", "giant"],
)
def test_containers_are_looked_into(value, encoded):
    """The encoder alone would write a key twice, or fail."""
    assert _texts(value) == [encoded]


@pytest.mark.parametrize(
    "key",
    [None, True, (1, 2), frozenset([1]), object(), 1j],
    ids=lambda value: type(value).__name__,
)
def test_the_encoder_asks_once_about_an_odd_key(key):
    """It would ask until the stack is full, if it got anything but text."""
    asked = []
    encoding = Encoding()
    encoding._encoder = msgspec.json.Encoder(
        enc_hook=lambda value: asked.append(value) or encoding._unknown(value)
    )
    assert json.loads(encoding.texts([{key: 1}])[0])
    assert len(asked) < 5


def test_a_raw_value_of_several_lines_becomes_text():
    """It cannot forge a line."""
    assert _texts(1, msgspec.Raw(b"1\n2"), 3) == ["1", r'"1\n2"', "3"]


def test_a_raw_value_is_written_as_the_value_that_it_is():
    """If it is JSON; else it is text."""
    assert _texts(msgspec.Raw(b'{"a": 1}'), msgspec.Raw(b"{]")) == ['{"a":1}', '"{]"']


@pytest.mark.parametrize("value", [math.nan, [math.nan], {"a": math.nan}])
def test_numbers_that_are_not_finite_may_be_text(value):
    """At any depth."""
    assert "NaN" in _texts(value, None, nonfinite="string")[0]


def test_a_real_null_stays_null():
    """Where numbers that are not finite become text."""
    assert _texts(None, {"a": None}, nonfinite="string") == ["null", '{"a":null}']


def test_a_long_text_is_cut():
    """Beside one that is not."""
    short, long = _texts("a", "x" * 10**6)
    assert short == '"a"'
    assert len(long) < MAX_FIELD + 100


def test_many_texts_are_not_cut_for_being_long_together():
    """The bound is one of each text."""
    texts = _texts(*["x" * 10_000] * 100)
    assert set(texts) == {f'"{"x" * 10_000}"'}


def test_bodies_are_objects_without_their_braces():
    """They stand among other members."""
    assert Encoding().bodies([{"a": 1}, {"b": 2, "c": 3}]) == ['"a":1', '"b":2,"c":3']


@pytest.mark.parametrize(
    "value",
    [{"a": "}\n{"}, {"a": {"b": {}}}, {"a": "é\u2028"}, {"a": [1], "b": "["}, {"a": Hostile()}],
    ids=["forged", "nested", "unsafe", "brackets", "failing"],
)
def test_bodies_of_any_objects_read_back_one_by_one(value):
    """Whatever stands in them, beside plain ones."""
    bodies = Encoding().bodies([{"x": 1}, value, {"y": 2}])
    assert [json.loads(f"{{{body}}}").keys() for body in bodies] == [{"x"}, value.keys(), {"y"}]


@pytest.mark.parametrize("raw", ["1}\n{", "1\n2"])
def test_a_raw_value_cannot_forge_a_body(raw):
    """Not even with braces in the right places."""
    bodies = Encoding().bodies([{"a": msgspec.Raw(raw.encode())}, {"b": 2}])
    assert bodies == [f'"a":{json.dumps(raw)}', '"b":2']


def test_one_value_has_one_text():
    """Such as a name."""
    assert Encoding().text("a\x7f") == r'"a\u007F"'


@given(st.lists(VALUE))
def test_all_values_read_back(values):
    """The same, each from a line of its own without anything invisible."""
    lines = Encoding().texts(values)
    assert [json.loads(line) for line in lines] == values
    assert all(line.splitlines() == [line] for line in lines)


@given(st.lists(st.dictionaries(TEXT, VALUE, min_size=1)))
def test_all_bodies_read_back(objects):
    """The same."""
    assert [json.loads(f"{{{body}}}") for body in Encoding().bodies(objects)] == objects
