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

from ..stacked import pairs_of
from .datecode import DateCode
from .fields import is_steady, uses_origin, writer
from .steady import NameTexts, SteadyTexts
from .timestamps import DIGITS, DateFormat
from .tokens import Attribute, Field, Leftover, Text, Timestamp, Value
from .values import Faults, default_text, show_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from ..records import Record
    from ..tracebacks import ExceptionInfo
    from .fields import Writer
    from .severity import Namer
    from .tokens import Part, Token
    from .values import Show

    Render: TypeAlias = Callable[[Sequence[Record], Sequence[str] | None], list[str]]
    """Returns the lines of records, given the safe texts of their messages; None says that the
    records' own are safe."""


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
    render, render_safe = namespace["render"], namespace["render_safe"]
    return lambda records, messages: (
        render_safe(records, messages) if messages is None else render(records, messages)
    )


_BEGIN = """\
def {function}(records, messages):
    lines = []
    append = lines.append
    tick = never
    second = label = origin = by_level = None
"""
_LOOPS = {
    "render_safe": """\
    for record in records:
        message = record.message
        try:
""",
    "render": """\
    for record, message in zip(records, messages):
        try:
""",
}
"""How each of the two functions begins; the first is faster by a tenth."""
_NEW_LABEL = """\
            if record.label is not label:
                by_level = kept(record)
                label = record.label
"""
_NEW_ORIGIN = """\
            if record.label is not label or record.origin is not origin:
                by_level = kept(record)
                label, origin = record.label, record.origin
"""
_STEADY = """\
            try:
                {names} = by_level[record.level]
            except KeyError:
                {names} = by_level[record.level] = steady(record)
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
    return {separator}.join([f"{parts}" for name, value in {pairs}(attributes)])
"""


class _Program:
    """The source of a function, as it grows, and the values that its names are bound to."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names = map("k{}".format, count())
        self._functions: list[str] = []
        self._dates = DateCode()
        self._steady = SteadyTexts()
        self._has_attributes = False
        self.bound: dict[str, Any] = {
            "never": float("inf"),
            "digits": DIGITS,
            "absent": object(),
            "format": format,
            "dates": self._dates.texts,
            "kept": self._steady.kept,
            "steady": self._steady.render,
            "tail": context.tail,
            "rescue": context.rescue,
        }

    def source(self, tokens: Sequence[Token]) -> str:
        """Return the source of the function for *tokens*; to be called once."""
        parts = "".join(self._parts(tokens))
        body = [self._dates.source()]
        if self._steady:
            body.append(_NEW_ORIGIN if any(map(uses_origin, tokens)) else _NEW_LABEL)
            names = ", ".join(f"s{number}" for number in range(len(self._steady)))
            # One text is in no list, because to take it out would cost a twentieth of the line.
            body.append(_STEADY.format(names=names if names == "s0" else f"[{names}]"))
        if self._has_attributes:
            body.append(_ATTRIBUTES)
        body.append(_LINE.format(parts=parts))
        if not any(isinstance(token, Field) and token.source == "exception" for token in tokens):
            body.append(_TAIL)
        return "".join([*self._functions, *self._loops("".join([*body, _END]))])

    @staticmethod
    def _loops(body: str) -> Iterable[str]:
        for function, loop in _LOOPS.items():
            yield f"{_BEGIN.format(function=function)}{loop}{body}"

    def _parts(self, tokens: Sequence[Token]) -> Iterable[str]:
        """Yield the parts of an f-string; neighbours that are steady, with texts, are one."""
        for is_kept, group in groupby(tokens, _is_kept):
            neighbours = list(group)
            if is_kept and any(isinstance(token, Field) for token in neighbours):
                number = self._steady.add([self._kept_writer(token) for token in neighbours])
                yield f"{{s{number}}}"
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
            case _:
                write = writer(token, self._context.namer, self._context.exception)
                return f"{{{self._bind(write)}(record)}}"

    def _timestamp(self, token: Timestamp) -> str:
        text = self._dates.add(DateFormat(token.date, local=token.local))
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
                pairs=self._bind(dict.items if token.unique else pairs_of),
                parts="".join(self._leftover_parts(token.parts)),
            )
        )
        before, after = self._bind(token.prefix), self._bind(token.suffix)
        whole = f"f'{{{before}}}{{{function}(attributes)}}{{{after}}}' if attributes else ''"
        return self._formatted(f"({whole})", token.spec.text)

    def _leftover_parts(self, parts: Sequence[Part]) -> Iterator[str]:
        """Yield the parts of an f-string; neighbours that depend on the name only are one."""
        for is_value, group in groupby(parts, lambda part: isinstance(part, Value)):
            shows = list(map(self._part_show, group))
            if is_value:
                yield from [f"{{{self._bind(show)}(value)}}" for show in shows]
            else:
                yield f"{{{self._bind(NameTexts(shows))}[name]}}"

    def _part_show(self, part: Part) -> Show:
        if isinstance(part, Text):
            text = part.text
            return lambda _: text
        return show_by(part.spec, self._context.faults)

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


def _is_kept(token: Token) -> bool:
    return isinstance(token, Text) or is_steady(token)
