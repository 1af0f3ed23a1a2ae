"""How much of the capacity a line takes."""

import pytest

from asynclog.tracebacks import ExceptionInfo, Frame, capture
from asynclog.weight import FEW, FRAME, MAX_DEPTH, SHORT, UNIT, is_light, places_of, weight_of

from .making import Hostile, record

LONG = "x" * 5_000


class Shy(str):
    """A text that says it has none."""

    __slots__ = ()

    def __len__(self):
        return 0


def nested(value, depth):
    """Return *value* in so many lists."""
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("length", "places"), [(0, 1), (1, 1), (UNIT, 1), (UNIT + 1, 2), (10 * UNIT, 10)]
)
def test_a_line_takes_a_place_for_each_unit_of_its_text(length, places):
    """So the capacity bounds the memory too."""
    assert places_of(record("x" * length)) == places


@pytest.mark.parametrize(
    "value",
    [
        LONG,
        LONG.encode(),
        bytearray(LONG.encode()),
        Shy(LONG),
        [LONG],
        (LONG,),
        {LONG},
        {"key": LONG},
        {LONG: 1},
        nested(LONG, MAX_DEPTH),
    ],
)
def test_what_attributes_hold_is_weighed(value):
    """Wherever it lies."""
    assert weight_of(record("text", attributes={"a": 1, "b": value})) == len("text") + len(LONG)
    assert not is_light({"a": 1, "b": value})


def test_labels_and_templates_are_weighed():
    """A program may make them of what its users say."""
    assert weight_of(record("text", label=LONG, template=LONG)) == len("text") + 2 * len(LONG)


def test_an_exception_is_weighed_with_all_that_led_to_it():
    """Texts, notes and frames."""
    error = ExceptionGroup("two", [ValueError(LONG), ValueError(LONG)])
    error.__cause__ = KeyError(LONG)
    error.__cause__.add_note(LONG)
    info = capture(error)
    assert 4 * len(LONG) <= weight_of(record("", exception=info)) < 5 * len(LONG)


def test_the_frames_of_a_traceback_are_weighed():
    """There may be many of them."""
    frames = (Frame("file", 1, "function", "module"),) * 10
    assert weight_of(record("", exception=ExceptionInfo("KeyError", "", frames))) == 10 * FRAME


@pytest.mark.parametrize("value", [1, 2.5, None, True, "x" * SHORT, b"x" * SHORT])
def test_what_every_line_has_weighs_nothing(value):
    """Else a line of some words would take two places."""
    attributes = {"value": value}
    one = record("", label="x" * SHORT, template="x" * SHORT, attributes=attributes)
    assert (weight_of(one), is_light(attributes)) == (0, True)


@pytest.mark.parametrize("make", [list, tuple, set, lambda items: dict.fromkeys(items, 1)])
def test_many_small_values_weigh_something(make):
    """There may be a million of them."""
    assert weight_of(record("", attributes={"all": make(range(FEW))})) == 0
    assert weight_of(record("", attributes={"all": make(range(1_000))})) > 900 * SHORT


def test_many_attributes_weigh_something():
    """There may be a million of them."""
    few, many = ({str(i): i for i in range(count)} for count in (FEW, 2 * FEW))
    assert (is_light(few), is_light(many)) == (True, False)
    assert weight_of(record("", attributes=many)) >= FEW * SHORT


def test_what_holds_itself_is_weighed_once():
    """And in no time."""
    value = [LONG]
    value += [value, value, {"again": value}]
    assert weight_of(record("", attributes={"value": value})) == len(LONG)


@pytest.mark.parametrize(
    "make", [object, Hostile, lambda: [Hostile()], lambda: nested(LONG, 100_000)]
)
def test_what_belongs_to_the_program_weighs_nothing(make):
    """It is not looked into."""
    assert weight_of(record("", attributes={"value": make()})) == 0


def test_a_value_that_another_thread_changes_is_no_fault():
    """It is weighed as far as that goes."""

    class Changing(dict):
        def values(self):
            raise RuntimeError("dictionary changed size during iteration")

    assert weight_of(record("text", attributes=Changing(a=1))) == len("text")
