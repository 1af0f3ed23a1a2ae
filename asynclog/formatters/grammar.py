"""The language of patterns: text to tokens, or an error that points at the place.

It is the language of Blackhole's string formatter; docs/reference/patterns.md has it in EBNF.
Pure: no record, no clock, no locale.  One pass from left to right, in time linear to the text.
"""

from __future__ import annotations

from ..errors import PatternError
from .scanner import Extensions, Scanner
from .specs import Spec, as_hexadecimal
from .timestamps import split_date
from .tokens import Attribute, Field, Leftover, Name, Part, Text, Timestamp, Token, Value

MAX_PATTERN = 65_536
"""Characters of a pattern."""

DEFAULT_DATE = "%Y-%m-%d %H:%M:%S.%f"

_TEXT = {"": "", "s": ""}
_WHOLE = dict.fromkeys(("", "b", "d", "o", "x", "X", "n"), "")
_FORMS: dict[str, dict[str, str]] = {
    "message": _TEXT,
    "label": _TEXT,
    "logger": _TEXT,
    "task": _TEXT,
    "function": _TEXT,
    "exception": _TEXT,
    "line": _WHOLE,
    "severity": {**_WHOLE, "": ".name", "s": ".name"},
    "process": {**_WHOLE, "s": ".name"},
    "thread": {**_WHOLE, "d": ".native", "s": ".name"},
    "file": {**_TEXT, "p": ".path"},
}
"""Placeholders that no attribute can override: by type of the spec, what is added to the source."""

_ALWAYS_THERE = frozenset({"message", "label", "severity"})
"""Placeholders for which a default has no sense."""
_NUMBERS = frozenset({"line", "severity", "process", "thread", "thread.native"})
"""Sources that are whole numbers; all others are text."""


def parse(pattern: str) -> tuple[Token, ...]:
    """Return the tokens of *pattern*, neighbouring text in one.

    Raises:
        PatternError: *pattern* is not of the language.
    """
    _check_text(pattern)
    scanner = Scanner(pattern)
    tokens: list[Token] = []
    while not scanner.is_at_end:
        if text := scanner.text():
            tokens.append(Text(text))
        if not scanner.is_at_end:
            tokens.append(_placeholder(scanner))
    return tuple(tokens)


def _check_text(pattern: str) -> None:
    """Refuse a pattern that is too long to compile, or that no sink could write."""
    if len(pattern) > MAX_PATTERN:
        reason = f"the pattern has {len(pattern):,} characters: at most {MAX_PATTERN:,} are allowed"
        raise PatternError(reason, pattern[:60], 0)
    try:
        pattern.encode()
    except UnicodeEncodeError as error:
        reason = "a lone surrogate cannot be written: only whole characters are allowed"
        raise PatternError(reason, pattern, error.start) from None


def _placeholder(scanner: Scanner) -> Token:
    start = scanner.at
    name, more = scanner.name()
    if name == "...":
        return _leftover(scanner) if more else Leftover()
    if name == "timestamp":
        return _timestamp(scanner) if more else Timestamp(DEFAULT_DATE)
    if not more:
        return Field(*_field(scanner, name, "", start)) if name in _FORMS else Attribute(name)
    extensions = scanner.extensions("default", "r", "u")
    if extensions and name in _ALWAYS_THERE:
        reason = f"{{{name}}} is never missing: it takes no default, prefix or suffix"
        raise scanner.error(reason, start)
    text, at = scanner.spec()
    optional = _optional(extensions)
    if name not in _FORMS:
        return Attribute(name, scanner.checked(text, at), *optional)
    source, spec = _field(scanner, name, text, at)
    return Field(source, spec, *optional)


def _optional(extensions: Extensions) -> tuple[str | None, str, str]:
    """Return default, prefix and suffix; a prefix or suffix alone makes a placeholder optional."""
    default = extensions.text("default")
    if extensions and default is None:
        default = ""
    return default, extensions.text("r") or "", extensions.text("u") or ""


def _field(scanner: Scanner, name: str, text: str, at: int) -> tuple[str, Spec]:
    """Return source and spec of the placeholder *name* when *text* is its spec."""
    path = name == "file" and text.endswith("p")
    spec = scanner.checked(text[:-1] if path else text, at)
    kind = "p" if path else spec.type
    forms = _FORMS[name]
    if kind not in forms:
        allowed = " ".join(filter(None, forms))
        raise scanner.error(f"{{{name}}} takes no type {kind!r}: allowed are {allowed}", at)
    source = name + forms[kind]
    if name == "severity" and not kind and not spec.fits(""):
        source = name  # a sign, say, asks for the number without naming its type
    example, what = (0, "a whole number") if source in _NUMBERS else ("", "text")
    if not spec.fits(example):
        raise scanner.error(f"{text!r} does not suit {{{name}}}, which is {what} here", at)
    return source, as_hexadecimal(spec) if source == "thread" and not spec.type else spec


def _timestamp(scanner: Scanner) -> Token:
    """Read a date in braces, if there is one, and a spec with the type s, l or d."""
    date = _date(scanner) if scanner.is_next("{") else None
    text, at = scanner.spec()
    local = text.endswith("l")
    spec = scanner.checked(f"{text[:-1]}s" if local else text, at)
    if spec.type == "d" and date is None:
        return Field("timestamp", spec)
    if spec.type not in ("", "s") or not spec.fits(""):
        raise scanner.error(
            f"{text!r} does not suit a timestamp: expected [[fill]align][width][.precision] and"
            " s for UTC, l for local time, or d, without a date, for microseconds",
            at,
        )
    return Timestamp(DEFAULT_DATE if date is None else date, local=local, spec=spec)


def _date(scanner: Scanner) -> str:
    start = scanner.at
    date = scanner.balanced() or DEFAULT_DATE
    try:
        split_date(date)
    except ValueError as error:
        raise scanner.error(str(error), start + 1) from None
    return date


def _leftover(scanner: Scanner) -> Leftover:
    """Read the own pattern, separator, prefix and suffix of all attributes, and their spec."""
    extensions = scanner.extensions("p", "s", "r", "u", nested=True)
    text, at = scanner.spec()
    if text[-1:] not in ("s", "u"):
        raise scanner.error("the spec of {...} must end with its type: s, or u for unique", at)
    spec = scanner.checked(f"{text[:-1]}s", at)
    separator = extensions.text("s")
    return Leftover(
        parts=_parts(scanner, extensions) if "p" in extensions else Leftover().parts,
        separator=", " if separator is None else separator,
        prefix=extensions.text("r") or "",
        suffix=extensions.text("u") or "",
        spec=spec,
        unique=text.endswith("u"),
    )


def _parts(outer: Scanner, extensions: Extensions) -> tuple[Part, ...]:
    """Return the parts of a leftover's own pattern."""
    own = extensions["p"]
    scanner = Scanner(outer.pattern, own.at, own.at + len(own.text))
    parts: list[Part] = []
    while not scanner.is_at_end:
        if text := scanner.text():
            parts.append(Text(text))
        if not scanner.is_at_end:
            parts.append(_part(scanner))
    return tuple(parts)


def _part(scanner: Scanner) -> Name | Value:
    start = scanner.at
    name, more = scanner.name()
    if name not in ("name", "value"):
        reason = f"{{{name}}} is unknown in {{...}}: allowed are {{name}} and {{value}}"
        raise scanner.error(reason, start)
    text, at = scanner.spec() if more else ("", start)
    spec = scanner.checked(text, at)
    if name == "value":
        return Value(spec)
    if not spec.fits(""):
        raise scanner.error(f"{text!r} does not suit a name, which is text", at)
    return Name(spec)
