"""The fixed members of a JSON document: each a column of text over a batch of records."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeAlias

from ..levels import parse_level
from .dates import DateWriter
from .options import expect_known, expect_mapping, expect_names, expect_text, refuse
from .severity import severity_namer
from .sources import LEVEL_SOURCES, TIME_SOURCES, Source, constant, of_level, source, written_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..records import Record
    from .encoding import Encoding
    from .layouts import Layout, Member

MAX_TEXTS = 4_096
"""Texts that are remembered of a member with few values, such as the label."""


Texts: TypeAlias = "list[Any] | str | None"
"""One member of all records of a batch, as JSON text: a list, with None for a record that has no
such member; or one text, or None, for all of them."""


class Column:
    """One fixed member of the records of a batch."""

    def __init__(self, source: Source, encoding: Encoding) -> None:
        self._source = source
        self._encoding = encoding
        self._remembered = _Remembered(self._text)
        every = self._repeated if source.has_few_values else self._encoded
        self._every: Callable[[list[Any]], list[str] | str] = every
        usual = self._optional if source.is_optional else self._required
        self.texts: Callable[[Sequence[Record]], Texts] = source.texts or usual
        """Returns the text of some records, at least one."""

    def _required(self, records: Sequence[Record]) -> Texts:
        return self._every(self._source.read(records))

    def _optional(self, records: Sequence[Record]) -> Texts:
        values = self._source.read(records)
        missing = values.count(None)
        if missing == 0:
            return self._every(values)
        if missing == len(values):
            return None
        texts = self._every([value for value in values if value is not None])
        each = repeat(texts) if isinstance(texts, str) else iter(texts)
        return [None if value is None else next(each) for value in values]

    def _repeated(self, values: list[Any]) -> list[str] | str:
        """Return texts that are made once for each value."""
        remembered = self._remembered
        if values.count(values[0]) == len(values):  # as in a batch of one label
            return remembered[values[0]]
        return [remembered[value] for value in values]

    def _encoded(self, values: list[Any]) -> list[str]:
        """Return texts that are made anew."""
        convert = self._source.convert
        if convert is not None:
            values = [None if value is None else convert(value) for value in values]
        return self._encoding.texts(values)

    def _text(self, value: Any) -> str:
        return self._encoded([value])[0]


class _Remembered(dict[Any, str]):
    """Texts by value, made when first asked for."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        if len(self) >= MAX_TEXTS:
            self.clear()
        text = self[value] = self._make(value)
        return text


def sources_of(layout: Layout, mutate: object) -> list[Source]:
    """Return the sources of the members of *layout*, in their order.

    Args:
        layout: the members.
        mutate: the option of that name of `JSONFormatter`; it changes the first member that shows
            the time, and the first that shows the level.

    Raises:
        PatternError: *mutate* cannot be used.
    """
    sources = [_plain_source(member) for member in layout.members]
    changes = expect_mapping("mutate", mutate)
    expect_known("mutate", changes, ("timestamp", "severity"))
    names = [member.source for member in layout.members]
    if "timestamp" in changes and (slot := _first(names, TIME_SOURCES)) is not None:
        date = expect_text("mutate.timestamp", changes["timestamp"])
        sources[slot] = written_time(DateWriter(date, option="mutate.timestamp").texts)
    if "severity" in changes and (slot := _first(names, LEVEL_SOURCES)) is not None:
        usual = LEVEL_SOURCES[names[slot]]
        sources[slot] = of_level(_named_level(changes["severity"], usual))
    return sources


def _plain_source(member: Member) -> Source:
    if not member.source:
        return constant(member.constant)
    try:
        return source(member.source)
    except ValueError as error:
        refuse(f"layout: member {member.name!r}", str(error), member.source)


def _first(names: list[str], wanted: Mapping[str, object]) -> int | None:
    return next((slot for slot, name in enumerate(names) if name in wanted), None)


def _named_level(names: object, usual: Callable[[int], Any]) -> Callable[[int], Any]:
    """Return what shows a level by one of *names*, and by *usual* where it has none."""
    option = "mutate.severity"
    if isinstance(names, Mapping):
        names = {_level(key): expect_text(f"{option}.{key}", name) for key, name in names.items()}
    elif not callable(names):
        names = expect_names(option, names)
    name_of = severity_namer(names)

    def show(level: int) -> Any:
        name = name_of(level)
        return usual(level) if name is None else name

    return show


def _level(key: object) -> int:
    try:
        return parse_level(key)
    except ValueError as error:
        refuse("mutate.severity: key", str(error), key)
