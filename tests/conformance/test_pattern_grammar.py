"""Blackhole's parser."""

from __future__ import annotations

import pytest

from asynclog.errors import PatternError
from asynclog.formatters.grammar import parse
from asynclog.formatters.scanner import Scanner
from asynclog.formatters.tokens import Attribute, Field, Leftover, Name, Text, Timestamp

from .corpus import vectors

STRING = vectors("string")
SOURCES = {
    "message": "message",
    "severity": "severity_num",
    "severity.name": "severity_user",
    "process": "process_id",
    "process.name": "process_name",
    "thread": "thread_hex",
    "thread.native": "thread_lwp",
    "thread.name": "thread_name",
    "timestamp": "timestamp_num",
}


def _spec(spec, empty="{}"):
    return f"{{:{spec.text}}}" if spec.text else empty


def _part(part):
    if isinstance(part, Text):
        return f"literal({part.text})"
    return f"{'name' if isinstance(part, Name) else 'value'}({_spec(part.spec, '{:}')})"


def _described(token):
    """Return *token* in the vectors' notation."""
    match token:
        case Text():
            return _part(token)
        case Field():
            return f"{SOURCES[token.source]}({_spec(token.spec)})"
        case Timestamp():
            zone = "local" if token.local else "utc"
            return f"timestamp_user({_spec(token.spec)},{token.date},{zone})"
        case Attribute(default=None):
            return f"required({token.name},{_spec(token.spec)})"
        case Attribute():
            return f"optional({token.name},{_spec(token.spec)},default=string:{token.default})"
        case Leftover():
            parts = "|".join(map(_part, token.parts))
            spec = _spec(token.spec, "{:}")
            return f"leftover({spec},sep={token.separator},tokens=[{parts}])"


@pytest.mark.parametrize(
    "vector", [v for v in STRING["parse"] if "tokens" in v], ids=lambda v: v["pattern"]
)
def test_a_pattern_has_the_tokens_that_blackhole_finds(vector):
    """The same parts with the same specs."""
    assert [_described(token) for token in parse(vector["pattern"])] == vector["tokens"]


@pytest.mark.parametrize(
    "vector", [v for v in STRING["parse"] if "error" in v], ids=lambda v: v["pattern"]
)
def test_an_error_points_where_blackhole_points(vector):
    """At the same character."""
    with pytest.raises(PatternError) as error:
        parse(vector["pattern"])

    assert error.value.position == vector["error"]["position"]


# Some inputs of the original's inner grammar are no placeholder: another part of ours sees them.
LEFTOVERS = [
    v for v in STRING["leftover_grammar"] if v["input"][:1] == "{" and v["input"][-1] != "0"
]


@pytest.mark.parametrize(
    "vector", [v for v in LEFTOVERS if "error" not in v], ids=lambda v: v["input"]
)
def test_the_parts_of_a_leftover_are_told_apart(vector):
    """Braces and types inside a part do not end it."""
    scanner = Scanner(f"{{...{vector['input'][1:]}")
    _, more = scanner.name()
    extensions = scanner.extensions("p", "s", nested=True)
    spec = scanner.spec()[0] if more else ""

    found = [extensions[kind].text if kind in extensions else None for kind in "ps"]
    assert [*found, spec] == [vector["pattern"], vector["separator"], vector["spec"]]


@pytest.mark.parametrize("vector", [v for v in LEFTOVERS if "error" in v], ids=lambda v: v["input"])
def test_a_leftover_that_blackhole_refuses_is_refused(vector):
    """With an error of ours."""
    with pytest.raises(PatternError):
        parse(f"{{...{vector['input'][1:]}")


@pytest.mark.parametrize("vector", STRING["leftover_pattern_grammar"], ids=lambda v: v["input"])
def test_the_own_pattern_of_a_leftover_is_parsed(vector):
    """Names and values with their specs."""
    (leftover,) = parse(f"{{...:{{{vector['input']}:p}}s}}")

    found = [[type(part).__name__.lower(), part.spec.text] for part in leftover.parts]
    assert found == vector["tokens"]
