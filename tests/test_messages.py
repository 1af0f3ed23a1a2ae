"""The text of a line, whatever it is made of."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog import messages
from asynclog.messages import MAX_WIDTH, render, text_of

from .making import Hostile, HostileError


class Loud(str):
    """A text that lies about itself."""

    __slots__ = ()

    def __str__(self):
        return self

    def __format__(self, spec):
        return self


class Secret:
    """Something with an attribute that nobody may print."""

    password = "hunter2"

    def __str__(self):
        return "secret"


VALUES = st.one_of(
    st.text(),
    st.binary(),
    st.integers(),
    st.floats(),
    st.none(),
    st.lists(st.integers()),
    st.builds(Hostile),
    st.builds(HostileError),
    st.builds(Loud),
    st.just(10**5000),
    st.just(lambda: Loud("lazy")),
    st.just(lambda: 1 / 0),
)


@given(message=VALUES, args=st.lists(VALUES, max_size=3))
def test_whatever_is_logged_becomes_text(message, args):
    """Nothing raises, and what comes out is an exact str."""
    text, template = render(message, tuple(args), {})
    assert type(text) is str
    assert (type(template) is str) if args else (template is None)


@given(template=st.text(alphabet="{}!:.[]0aé<>x%٣"), args=st.lists(VALUES, min_size=1, max_size=2))
def test_any_text_can_be_a_template(template, args):
    """What cannot be filled in is printed as it stands, with the arguments."""
    text, kept = render(template, tuple(args), {"a": 1})
    assert type(text) is str
    assert kept == template


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (7, "7"), (None, "None"), ([1], "[1]"), (KeyError("k"), "'k'"), (Loud("x"), "x")],
)
def test_a_message_may_be_any_object(value, text):
    """Its text is what str() makes of it."""
    assert text_of(value) == text


@pytest.mark.parametrize(("make", "kind"), [(Hostile, "Hostile"), (lambda: 10**5000, "int")])
def test_an_object_without_a_text_is_called_by_its_type(make, kind):
    """The record is kept."""
    assert text_of(make()) == f"<unrenderable: {kind}>"


def test_a_message_without_arguments_is_no_template():
    """Text of a user cannot ask for anything."""
    assert render("{0.__class__} {}", (), {}) == ("{0.__class__} {}", None)


def test_a_template_is_filled_with_the_arguments():
    """Both the result and the template are kept."""
    assert render("{} {} -> {:>5}", ("GET", "/", 404), {}) == (
        "GET / ->   404",
        "{} {} -> {:>5}",
    )


def test_named_fields_are_the_attributes_of_the_call():
    """What is kept as an attribute need not be said twice."""
    assert render("{} took {ms}", ("a",), {"ms": 3})[0] == "a took 3"


def test_doubled_braces_are_braces():
    """As in str.format."""
    assert render("{{{}}}", (1,), {})[0] == "{1}"


def test_a_lazy_message_is_called():
    """What it returns may be a template too."""
    assert render(lambda: "n = {}", (1,), {}) == ("n = 1", "n = {}")


def test_a_lazy_message_that_fails_says_so():
    """The record is kept."""
    assert render(lambda: 1 / 0, (), {})[0] == "<unrenderable: ZeroDivisionError in a lazy message>"


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{} {}", "too few arguments"),
        ("{name}", "no argument 'name'"),
        ("{0.password}", "field '0.password': only a number or a plain name is allowed"),
        ("{0[0]}", "field '0[0]': only a number or a plain name is allowed"),
        ("{:{0.password}}", "field '0.password': only a number or a plain name is allowed"),
        ("{:>10000}", "width above 9999"),
        ("{:.10000}", "width above 9999"),
        ("{", "single '{' encountered in format string"),
        ("{a}{0:{b}}", "no argument 'a'"),
        ("{0:{name}}", "no argument 'name'"),
        ("{1}", "too few arguments"),
        ("{0}{}", "cannot be filled in: ValueError"),
        ("{99999}", "field '99999': only a number or a plain name is allowed"),
        ("{!x}", "cannot be filled in: ValueError"),
        ("{:d}", "cannot be filled in: ValueError"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_printed_with_its_arguments(template, fault):
    """Neither the text nor the values are lost."""
    text, kept = render(template, ("v",), {})
    assert text == f"{template} <{fault}; arguments: 'v'>"
    assert kept == template


@pytest.mark.parametrize(
    ("template", "args"),
    [
        ("{:{0.password}}", (Secret(),)),
        ("{0:{1.password}}", (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), Secret())),
        ("{0.password}", (Secret(),)),
        ("{a.password}", (Secret(),)),
    ],
)
def test_a_template_from_outside_reaches_into_no_object(template, args):
    """It would print what was never meant for the log."""
    assert "hunter2" not in render(template, args, {"a": args[0]})[0]


def test_a_width_may_be_an_argument():
    """As in str.format."""
    assert render("{:>{}}|{:>{w}}|", ("a", 3, "b"), {"w": 2})[0] == "  a| b|"


@pytest.mark.parametrize("template", ["{:>{}}", "{:{}}", "{:.{}f}", "{0:{1}}"])
def test_a_width_from_an_argument_has_the_same_bound(template):
    """A number from outside must not fill the memory."""
    text, _ = render(template, (1.0, MAX_WIDTH + 1), {})
    assert text == f"{template} <width above {MAX_WIDTH}; arguments: 1.0, 10000>"


def test_arguments_are_shown_in_short_and_safely():
    """An argument that cannot be shown is called by its type."""
    text, _ = render("{9}", (Hostile(), "x" * 1000), {})
    assert "arguments: <unrenderable: Hostile>, 'xxx" in text
    assert len(text) < 300


@pytest.mark.parametrize("error", [KeyError(), KeyError(["x"]), IndexError(), HostileError()])
@pytest.mark.parametrize("template", ["{}", "{:{}}"])
def test_an_argument_may_fail_in_any_way(error, template):
    """An error of its own is not taken for one of the template."""

    class Failing:
        def __format__(self, spec):
            raise error

        def __repr__(self):
            return "failing"

    text, _ = render(template, (Failing(), 1), {})
    assert (
        text == f"{template} <cannot be filled in: {type(error).__name__}; arguments: failing, 1>"
    )


def test_a_huge_template_is_not_remembered():
    """User text that was taken for a template by mistake must not fill the memory."""
    before = messages._plan.cache_info().currsize
    assert render("x" * 100_000 + "{}", (1,), {})[0].endswith("x1")
    assert messages._plan.cache_info().currsize == before


@pytest.mark.parametrize(
    ("template", "args", "fields"),
    [("starting %s with %d items", ("sync", 3), 0), ("hi", ("bob",), 0), ("{} {}", (1, 2, 3), 2)],
)
def test_an_argument_without_a_field_is_not_lost(template, args, fields):
    """An argument that the template does not use is shown behind it."""
    text, _ = render(template, args, {})

    assert text.endswith(f" <not in the template: {', '.join(map(repr, args[fields:]))}>")


@pytest.mark.parametrize("template", ["{0:{1:{0.password}}}", "{:{:{}}}", "{0:{1:{2}}}"])
def test_fields_three_levels_deep_are_refused(template):
    """Only two levels are looked through, and nobody needs a third."""
    text, _ = render(template, (Secret(), 5, 5), {})
    assert text.startswith(f"{template} <fields three levels deep; arguments: ")
    assert "hunter2" not in text


def test_a_metaclass_that_raises_does_not_get_in_the_way():
    """The type of what cannot be printed is named without its help."""
    meta = type("Meta", (type,), {"__name__": property(lambda cls: 1 / 0)})
    odd = meta("Odd", (), {name: lambda self: 1 / 0 for name in ("__str__", "__repr__")})()
    assert text_of(odd) == "<unrenderable: Odd>"
    assert render("{:d}", (odd,), {})[0].endswith("arguments: <unrenderable: Odd>>")
