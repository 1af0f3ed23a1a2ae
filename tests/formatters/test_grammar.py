"""The language of patterns."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asynclog.errors import PatternError
from asynclog.formatters.grammar import MAX_PATTERN, parse
from asynclog.formatters.specs import Spec, parse_spec
from asynclog.formatters.tokens import Attribute, Field, Leftover, Name, Text, Timestamp, Value


@pytest.mark.parametrize(
    ("pattern", "token"),
    [
        ("text {{}}", Text("text {}")),
        ("{message}", Field("message")),
        ("{severity}", Field("severity.name")),
        ("{severity:s}", Field("severity.name", parse_spec("s"))),
        ("{severity:03d}", Field("severity", parse_spec("03d"))),
        ("{severity:+}", Field("severity", parse_spec("+"))),
        ("{timestamp}", Timestamp("%Y-%m-%d %H:%M:%S.%f")),
        ("{timestamp:{%H:%M}l}", Timestamp("%H:%M", local=True, spec=parse_spec("s"))),
        ("{timestamp:{{%H}}}", Timestamp("{%H}")),
        ("{timestamp:>20d}", Field("timestamp", parse_spec(">20d"))),
        ("{process:s}", Field("process.name", parse_spec("s"))),
        ("{thread:d}", Field("thread.native", parse_spec("d"))),
        ("{thread:s}", Field("thread.name", parse_spec("s"))),
        ("{thread:X}", Field("thread", parse_spec("X"))),
        ("{label:<10.10}", Field("label", parse_spec("<10.10"))),
        ("{task:{main:default}}", Field("task", default="main")),
        ("{logger}", Field("logger")),
        ("{file}", Field("file")),
        ("{file:>30p}", Field("file.path", parse_spec(">30"))),
        ("{line:5d}", Field("line", parse_spec("5d"))),
        ("{function}", Field("function")),
        ("{exception:{ :r}}", Field("exception", default="", prefix=" ")),
        ("{user}", Attribute("user")),
        ("{http.status:>5d}", Attribute("http.status", parse_spec(">5d"))),
        ("{id:{-:default}{[:r}{]:u}>3}", Attribute("id", parse_spec(">3"), "-", "[", "]")),
        ("{size:>8si}", Attribute("size", parse_spec(">8si"))),
        ("{when:%H:%M}", Attribute("when", parse_spec("%H:%M"))),
        ("{...}", Leftover()),
        ("{...:u}", Leftover(spec=parse_spec("s"), unique=True)),
        (
            "{...:{{value}={name}:p}{;:s}{<:r}{>:u}*<9s}",
            Leftover((Value(), Text("="), Name()), ";", "<", ">", parse_spec("*<9s")),
        ),
    ],
)
def test_each_placeholder_is_a_token(pattern, token):
    """With all that was written in it."""
    assert parse(pattern) == (token,)


def test_a_pattern_is_a_row_of_tokens():
    """In the order of the text."""
    assert parse("[{a}]{b}") == (Text("["), Attribute("a"), Text("]"), Attribute("b"))


def test_an_empty_pattern_has_no_tokens():
    """It prints nothing."""
    assert parse("") == ()


@pytest.mark.parametrize(
    ("pattern", "position", "reason"),
    [
        ("a } b", 2, "'}' closes nothing here: write '}}' for a brace"),
        ("a {b", 4, "this placeholder is never closed: expected '}'"),
        ("{a:>3", 3, "this placeholder is never closed: expected '}'"),
        ("{}", 0, "this placeholder has no name: write '{{' for a brace"),
        ("{a b}", 2, "' ' cannot stand in the name of a placeholder"),
        ("{a[0]}", 2, "'[' cannot stand in the name of a placeholder"),
        ("{a!r}", 2, "'!' cannot stand in the name of a placeholder"),
        ("{a:q}", 3, "'q' is not a format spec"),
        ("{a:=s}", 3, "'=s' suits no value"),
        ("{a:9999}", 3, "width 9999 is too large: at most 1,024"),
        ("{a:{b}", 3, "the part that opens here never ends: expected one of ':default}'"),
        ("{a:x{}", 4, "'{' cannot stand in a format spec"),
        ("{message:d}", 9, "{message} takes no type 'd': allowed are s"),
        ("{label:+}", 7, "'+' does not suit {label}, which is text here"),
        ("{line:.2}", 6, "'.2' does not suit {line}, which is a whole number here"),
        ("{line:s}", 6, "{line} takes no type 's': allowed are b d o x X n"),
        ("{severity:f}", 10, "{severity} takes no type 'f'"),
        ("{message:{x:default}}", 0, "{message} is never missing"),
        ("{timestamp:x}", 11, "'x' does not suit a timestamp"),
        ("{timestamp:{%H}d}", 15, "'d' does not suit a timestamp"),
        ("{timestamp:{%H", 11, "the part that opens here never ends: braces must be balanced"),
        ("{timestamp:{%5f}}", 12, "%5f is not a fraction"),
        ("{...:}", 5, "the spec of {...} must end with its type: s, or u"),
        ("{...:{,:s}}", 5, "the part that opens here never ends: expected one of ':p}' ':s}'"),
        ("{...:,s}", 5, "',s' suits no value: neither text nor a number"),
        ("{...:{{x}:p}s}", 6, "{x} is unknown in {...}: allowed are {name} and {value}"),
        ("{...:{{name:d}:p}s}", 12, "'d' does not suit a name, which is text"),
        ("{...:{x:q}s}", 5, "the part that opens here never ends: expected one of ':p}'"),
        ("{...:{x:s}{y:s}s}", 10, "a second part with ':s}': only one is allowed"),
        ("a\ud800", 1, "a lone surrogate cannot be written"),
    ],
)
def test_a_mistake_is_pointed_at(pattern, position, reason):
    """By the place, the fact and what is allowed."""
    with pytest.raises(PatternError) as error:
        parse(pattern)

    assert (error.value.position, error.value.reason[: len(reason)]) == (position, reason)


def test_the_caret_stands_under_the_mistake():
    """In the text of the error."""
    with pytest.raises(PatternError) as error:
        parse("{message} {a b}")

    assert str(error.value).splitlines()[1:] == ["    '{message} {a b}'", "                 ^"]


def test_a_pattern_without_measure_is_refused():
    """And shown in part only."""
    with pytest.raises(PatternError, match="at most 65,536 are allowed") as error:
        parse("x" * (MAX_PATTERN + 1))

    assert len(str(error.value)) < 300


PIECES = ["{", "}", "{{", "}}", ":", "...", "timestamp", "message", "a", "%", "%f", ">5", "s", "d"]
PIECES += [":p}", ":s}", ":r}", ":u}", ":default}", "name", "value", "é", "\n", "thread", "l", "si"]


def _positions(text):
    """Return where *text* is wrong; nothing where it is a pattern."""
    try:
        parse(text)
    except PatternError as error:
        return [error.position]
    return []


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("{a:{" * 5000)
@example("{...:{" + "{{" * 10_000)
@example("{...:" + "{x:p}" * 5000)
@example("{timestamp:" + "{" * 10_000)
@example("{" * 60_001)
def test_no_text_does_anything_but_parse_or_raise(text):
    """Nothing hangs, nothing but PatternError comes out, and it points into the text."""
    assert all(0 <= position <= len(text) for position in _positions(text))


@given(st.text(st.characters(codec="utf-8")))
def test_doubled_braces_make_any_text_a_pattern(text):
    """Which stands for itself."""
    tokens = parse(text.replace("{", "{{").replace("}", "}}"))

    assert "".join(token.text for token in tokens) == text


def test_a_spec_without_text_is_the_usual():
    """Tokens compare by what they say."""
    assert Attribute("a") == Attribute("a", Spec())
