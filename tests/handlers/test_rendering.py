"""Formatting that never loses a record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asynclog.formatters.default import default_formatter
from asynclog.handlers.rendering import Renderer
from asynclog.records import Record

from ..making import Hostile, HostileError, record, records


class Loud(str):
    """Not an exact text."""

    __slots__ = ()


def failing():
    """Raise."""
    raise HostileError


class Scripted:
    """A formatter that does as it is told."""

    def __init__(self, one=lambda record: record.message, batch=None):
        self._one, self._batch = one, batch
        self.asked = []

    def format(self, one):
        """Do it for one."""
        self.asked.append(one.message)
        return self._one(one)

    def format_batch(self, some):
        """Do it for all."""
        return self._batch(some)


class OneByOne:
    """A formatter without a form for batches."""

    def format(self, one):
        """Return the message."""
        return one.message


ANY_VALUE = st.one_of(st.none(), st.text(), st.builds(Hostile), st.just(Loud("x")), st.integers())
ANY_ANSWER = st.one_of(
    ANY_VALUE.map(lambda value: lambda _: value), st.just(lambda _: failing()), st.just(failing)
)
ANY_BATCH = st.one_of(
    ANY_ANSWER, st.lists(ANY_VALUE, max_size=5).map(lambda values: lambda _: values)
)


@given(one=ANY_ANSWER, batch=ANY_BATCH, count=st.integers(0, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_formatter_does_there_is_one_text_for_each_record(one, batch, count, capsys):
    """And an exact one."""
    lines = Renderer(Scripted(one, batch)).render(records(count))
    assert [type(line) for line in lines] == [str] * count


MESSAGES = st.text(alphabet=st.characters(exclude_categories=()))
VALUES = st.one_of(MESSAGES, st.binary(), st.builds(Hostile), st.lists(st.integers()))


@given(message=MESSAGES, label=MESSAGES, values=st.dictionaries(MESSAGES, VALUES, max_size=3))
def test_whatever_is_in_a_record_it_becomes_one_line(message, label, values):
    """By the formatter that is used where none is given, and without a word on stderr."""
    line = Renderer(default_formatter()).render([Record(0, 20, label, message, attributes=values)])[
        0
    ]
    assert len(line.splitlines()) == 1
    assert line.encode() == line.encode("utf-8", "backslashreplace")


def test_a_whole_batch_is_formatted_at_once():
    """The same list goes on."""
    made = ["a", "b"]
    formatter = Scripted(batch=lambda _: made)
    assert Renderer(formatter).render(records(2)) is made
    assert formatter.asked == []


def test_a_formatter_may_know_single_records_only():
    """It is asked for each of them."""
    assert Renderer(OneByOne()).render(records(2)) == ["0", "1"]


@pytest.mark.parametrize(
    "batch",
    [
        lambda some: failing(),
        lambda some: ["one"],
        lambda some: ["one", "two", "three"],
        lambda some: ["one", b"two"],
        lambda some: ["one", Loud("two")],
        lambda some: (one.message for one in some),
        lambda some: "01",
        lambda some: None,
    ],
    ids=["raises", "too few", "too many", "bytes", "subclass", "generator", "text", "none"],
)
def test_where_the_batch_goes_wrong_each_record_is_asked_for(batch):
    """A text stays with its record."""
    assert Renderer(Scripted(batch=batch)).render(records(2)) == ["0", "1"]


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (lambda _: failing(), "HostileError"),
        (lambda _: None, "returned NoneType"),
        (lambda _: Loud("x"), "returned Loud"),
    ],
)
def test_a_record_that_cannot_be_formatted_is_printed_plainly(one, fault):
    """With a mark, and nothing that could break its line."""
    formatter = Scripted(one, lambda some: failing())
    line = Renderer(formatter).render([record("a\n\ud800é'", label="l\r")])
    assert line == [f"[l\\r]: a\\n\\ud800\\xe9' <unrenderable: {fault}>"]


def test_the_neighbours_of_a_bad_record_are_untouched():
    """It is the only one with a mark."""
    formatter = Scripted(lambda one: one.message if one.message != "1" else failing(), None)
    lines = Renderer(formatter).render(records(3))
    assert [lines[0], lines[2]] == ["0", "2"]


def test_a_formatter_that_fails_is_told_of_once(capsys):
    """At a hundred thousand lines a second, stderr would be no help."""
    renderer = Renderer(Scripted(lambda _: failing(), None))
    for _ in range(3):
        renderer.render(records(2))
    assert capsys.readouterr().err == (
        "asynclog: Scripted could not format a record: HostileError; others are not told of\n"
    )


class _Nameless(type):
    @property
    def __name__(cls):
        raise ValueError("no name")


class NamelessError(Exception, metaclass=_Nameless):
    """An error whose class does not tell its name."""


class Strange(metaclass=_Nameless):
    """A formatter whose class does not tell its name, nor that of what it returns or raises."""

    def __init__(self, act):
        self.format = act


def fail(record):
    """Raise a strange error."""
    raise NamelessError


@pytest.mark.parametrize(
    ("act", "fault"),
    [(fail, "NamelessError"), (lambda record: Strange(fail), "returned Strange")],
    ids=["raises", "returns"],
)
def test_no_class_need_tell_its_name(act, fault, capsys):
    """Python knows it."""
    assert Renderer(Strange(act)).render([record()]) == [f"[a]: text <unrenderable: {fault}>"]
    assert f"Strange could not format a record: {fault}" in capsys.readouterr().err


def test_what_is_no_error_goes_on():
    """Ctrl-C is not a formatter's fault."""

    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Renderer(Scripted(interrupted, interrupted)).render(records(1))


class Rude(BaseException):
    """Not meant to be caught, its author thinks."""


@pytest.mark.parametrize("kind", [Rude, GeneratorExit, KeyboardInterrupt, SystemExit])
def test_whatever_is_raised_the_record_is_marked_and_only_an_ending_goes_on(kind):
    """The record would be met again at the next attempt."""

    def rude(_):
        raise kind

    ended = []
    lines = Renderer(Scripted(rude, rude), ended.append).render([record("a")])
    assert lines == [f"[a]: a <unrenderable: {kind.__name__}>"]
    assert bool(ended) == issubclass(kind, KeyboardInterrupt | SystemExit)
