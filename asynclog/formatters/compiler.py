"""Tokens to one Python function that formats a whole batch.

The source of the function is made of fixed phrases and of names that are counted up; no text of a
pattern or a user is ever part of it.  Texts, specs and helpers are values bound to those names.

What the function does for each record, as far as the pattern asks for it:

1.  It looks whether the record is of the same millisecond as the one before; if so, the date is
    there already, up to its milliseconds.
2.  It looks whether the record has the label and the origin of the one before; if so, whatever
    depends on nothing but these and the level is there already, by level.
3.  It joins these pieces with message and attributes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING, Any

from .fields import is_steady, writer
from .timestamps import DIGITS, DateFormat
from .tokens import Attribute, Field, Leftover, Name, Text, Timestamp, Value
from .values import Faults, default_text, show_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from ..records import Record
    from ..tracebacks import ExceptionInfo
    from .fields import Namer, Writer
    from .tokens import Token

    Render: TypeAlias = Callable[[Sequence[Record], Sequence[str]], list[str]]
    """Returns the lines of records, given the escaped text of their messages."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a function is compiled with, beside the tokens."""

    namer: Namer
    """Gives the name of a severity, or None."""
    exception: Callable[[ExceptionInfo], str]
    """Gives the text of an exception, escaped, for where the pattern shows it."""
    tail: Callable[[ExceptionInfo], str]
    """Gives what is added to a line of which the pattern does not show the exception."""
    rescue: Callable[[Record, str, Exception], str]
    """Gives the line of a record for which the function failed."""
    faults: Faults
    """Where missing and unrenderable values are counted."""


def compile_tokens(tokens: Sequence[Token], context: Context) -> Render:
    """Return the function that formats records as *tokens* say."""
    program = _Program(context)
    source = program.source(tokens)
    namespace = dict(program.bound)
    exec(compile(source, "<pattern>", "exec"), namespace)  # noqa: S102 - of fixed phrases, see above
    render: Render = namespace["render"]
    return render


_BEGIN = """\
def render(records, messages):
    lines = []
    append = lines.append
    tick = never
    label = origin = by_level = None
    for record, message in zip(records, messages):
        try:
"""
_DATE = """\
            elapsed = record.time_ns - tick
            if not 0 <= elapsed < 1000000:
                milliseconds = record.time_ns // 1000000
                tick = never
                [{names}] = dates(milliseconds // 1000, digits[milliseconds % 1000])
                tick = milliseconds * 1000000
                elapsed = record.time_ns - tick
"""
_STEADY = """\
            if record.label is not label or record.origin is not origin:
                by_level = {{}}
                label, origin = record.label, record.origin
            try:
                [{names}] = by_level[record.level]
            except KeyError:
                [{names}] = by_level[record.level] = steady(record)
"""
_ATTRIBUTES = """\
            attributes = record.attributes or {}
            get = attributes.get
"""
_LINE = """\
            line = f"{parts}"
"""
_TAIL = """\
            if record.exception is not None:
                line += tail(record.exception)
"""
_END = """\
            append(line)
        except Exception as error:
            append(rescue(record, message, error))
    return lines
"""
_LEFTOVER = """\
def {function}(attributes):
    return {separator}.join([f"{parts}" for name, value in attributes.items()])
"""


class _Program:
    """The source of a function, as it grows, and the values that its names are bound to."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names = map("k{}".format, count())
        self._functions: list[str] = []
        self._dates: list[DateFormat] = []
        self._steady: list[list[Writer]] = []
        self._has_attributes = False
        self.bound: dict[str, Any] = {
            "never": float("inf"),
            "digits": DIGITS,
            "absent": object(),
            "format": format,
            "dates": self._render_dates,
            "steady": self._render_steady,
            "tail": context.tail,
            "rescue": context.rescue,
        }

    def source(self, tokens: Sequence[Token]) -> str:
        """Return the source of the function for *tokens*; to be called once."""
        parts = "".join(self._parts(tokens))
        body = [*self._functions, _BEGIN]
        if self._dates:
            body.append(_DATE.format(names=_listed("t", self._date_pieces())))
        if self._steady:
            body.append(_STEADY.format(names=_listed("s", len(self._steady))))
        if self._has_attributes:
            body.append(_ATTRIBUTES)
        body.append(_LINE.format(parts=parts))
        if not any(isinstance(token, Field) and token.source == "exception" for token in tokens):
            body.append(_TAIL)
        return "".join([*body, _END])

    def _parts(self, tokens: Sequence[Token]) -> Iterable[str]:
        """Yield the parts of an f-string; neighbours that are steady, with texts, are one."""
        for is_kept, group in groupby(tokens, _is_kept):
            neighbours = list(group)
            if is_kept and any(isinstance(token, Field) for token in neighbours):
                self._steady.append([self._kept_writer(token) for token in neighbours])
                yield f"{{s{len(self._steady) - 1}}}"
            else:
                yield from map(self._part, neighbours)

    def _kept_writer(self, token: Token) -> Writer:
        if isinstance(token, Text):
            text = token.text
            return lambda _: text
        assert isinstance(token, Field)  # noqa: S101 - nothing else is steady
        return writer(token, self._context.namer, self._context.exception)

    def _part(self, token: Token) -> str:
        match token:
            case Text():
                return self._constant(token.text)
            case Timestamp():
                return self._timestamp(token)
            case Attribute():
                return self._attribute(token)
            case Leftover():
                return self._leftover(token)
            case Field(source="message"):
                return self._formatted("message", token.spec.text)
            case Field():
                write = writer(token, self._context.namer, self._context.exception)
                return f"{{{self._bind(write)}(record)}}"

    def _timestamp(self, token: Timestamp) -> str:
        first = self._date_pieces()
        date = DateFormat(token.date, local=token.local)
        self._dates.append(date)
        parts = [f"{{t{first}}}"]
        for number, digits in enumerate(date.finer(), start=first + 1):
            parts.append("{digits[elapsed // 1000]}")
            if digits == 9:  # noqa: PLR2004 - nanoseconds
                parts.append("{digits[elapsed % 1000]}")
            parts.append(f"{{t{number}}}")
        text = "".join(parts)
        spec = token.spec.text
        return text if spec in ("", "s") else self._formatted(f"f'{text}'", spec)

    def _attribute(self, token: Attribute) -> str:
        self._has_attributes = True
        show = show_by(token.spec, self._context.faults)
        prefix, suffix = token.prefix, token.suffix
        if prefix or suffix:
            inner = show
            show = lambda value: f"{prefix}{inner(value)}{suffix}"  # noqa: E731 - the same, dressed
        name = self._bind(token.name)
        found = f"(value := get({name}, absent)) is not absent"
        if token.default is None:
            otherwise = f"{self._bind(self._missing)}({name})"
        else:
            otherwise = self._bind(default_text(token.default, token.spec))
        return f"{{{self._bind(show)}(value) if {found} else {otherwise}}}"

    def _missing(self, name: str) -> str:
        self._context.faults.missing += 1
        return f"<missing:{name}>"

    def _leftover(self, token: Leftover) -> str:
        self._has_attributes = True
        function = next(self._names)
        self._functions.append(
            _LEFTOVER.format(
                function=function,
                separator=self._bind(token.separator),
                parts="".join(map(self._leftover_part, token.parts)),
            )
        )
        before, after = self._bind(token.prefix), self._bind(token.suffix)
        whole = f"f'{{{before}}}{{{function}(attributes)}}{{{after}}}' if attributes else ''"
        return self._formatted(f"({whole})", token.spec.text)

    def _leftover_part(self, part: Text | Name | Value) -> str:
        if isinstance(part, Text):
            return self._constant(part.text)
        show = self._bind(show_by(part.spec, self._context.faults))
        return f"{{{show}({'name' if isinstance(part, Name) else 'value'})}}"

    def _formatted(self, expression: str, spec: str) -> str:
        if spec in ("", "s"):
            return f"{{{expression}}}"
        return f"{{format({expression}, {self._bind(spec)})}}"

    def _constant(self, text: str) -> str:
        return f"{{{self._bind(text)}}}"

    def _bind(self, value: object) -> str:
        name = next(self._names)
        self.bound[name] = value
        return name

    def _date_pieces(self) -> int:
        return sum(1 + len(date.finer()) for date in self._dates)

    def _render_dates(self, second: int, millisecond: str) -> list[str]:
        if len(self._dates) == 1:
            return self._dates[0].pieces(second, millisecond)
        return [piece for date in self._dates for piece in date.pieces(second, millisecond)]

    def _render_steady(self, record: Record) -> list[str]:
        return ["".join([write(record) for write in group]) for group in self._steady]


def _is_kept(token: Token) -> bool:
    return isinstance(token, Text) or is_steady(token)


def _listed(letter: str, number: int) -> str:
    return ", ".join(f"{letter}{index}" for index in range(number))
