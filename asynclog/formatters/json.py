"""Records as JSON, one document a line.

A document has the fixed members of a `Layout`, then the record's attributes.  Records with the same
names have the same shape (`shapes`), so a batch of them is a few columns of values, each encoded at
once, with the same text between them.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from ..stacked import pairs_of
from .columns import Column, sources_of
from .encoding import Encoding
from .jsonable import encodable, key_text
from .layouts import BLACKHOLE, FLAT, LAYOUTS, Layout
from .options import expect_bool, expect_known, expect_strings, refuse
from .routing import Routes
from .shapes import Arrangement, Place, Shape
from .templates import Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..records import Record
    from .columns import Texts

MAX_SHAPES = 512
"""Shapes that are remembered; when there are more, all are forgotten."""

_NONE: dict[str, Any] = {}
_PLAIN = frozenset({dict})
_STRINGS = frozenset({str})
_BODY: tuple[Any, ...] = (None,)
"""Stands for all attributes of a record together, among the names of a shape."""
_OPTIONS = ("routing", "mapping", "formatting", "mutate", "newline", "unique", "nonfinite")


class JSONFormatter:
    """Formats records as JSON.

    Without arguments, a line is one flat object: `timestamp` (ISO 8601, UTC), `level`, `label`,
    `message`, `exception` if there is one, and the attributes.

    Args:
        routing: by JSON pointer (RFC 6901) of an object, the names of the members and attributes
            that go there; a string in place of the list, such as `"*"`, means all those that are
            named nowhere.  Objects are made when the first member needs them.
        mapping: by name, the key to write in its place.
        formatting: by name, a template such as `"{:>8}"` that makes text of the value.
        mutate: `timestamp`, a date format in the language of `strftime` with `%f`, in UTC;
            `severity`, a list of names from level 0 on, or a mapping of names by level.
        newline: whether a line break ends each document, for sinks that write none.
        unique: whether of several attributes with one name only the first is written; by default
            as the layout says.
        layout: the fixed members: a `Layout`, or one of the names `flat`, `blackhole`, `otel`,
            `ecs`.
        nonfinite: what NaN and the infinities become: `null`, or `string`.

    Raises:
        PatternError: an option cannot be used; the message names it, its value, and what is
            allowed.
    """

    def __init__(
        self,
        routing: Mapping[str, Sequence[str] | str] | None = None,
        mapping: Mapping[str, str] | None = None,
        formatting: Mapping[str, str] | None = None,
        mutate: Mapping[str, Any] | None = None,
        *,
        newline: bool = False,
        unique: bool | None = None,
        layout: Layout | str = FLAT,
        nonfinite: str = "null",
    ) -> None:
        if nonfinite not in ("null", "string"):
            refuse("nonfinite", "'null' or 'string'", nonfinite)
        layout = _layout(layout)
        self._end = "\n" if expect_bool("newline", newline) else ""
        self._unique = layout.unique if unique is None else expect_bool("unique", unique)
        self._encoding = Encoding(nonfinite)
        self._templates = {
            name: Template(text, f"formatting.{name}")
            for name, text in expect_strings("formatting", formatting).items()
        }
        sources = sources_of(layout, mutate)
        self.needs_caller = any(source.needs_caller for source in sources)
        """Whether records must carry where they were logged."""
        for slot, member in enumerate(layout.members):
            if member.name in self._templates:
                sources[slot] = sources[slot].then(self._templates[member.name].fill)
        self._columns = [Column(source, self._encoding) for source in sources]
        routes = self._routes = Routes(layout, routing, mapping)
        self._slots = range(len(layout.members))
        self._optional = [slot for slot, source in enumerate(sources) if source.is_optional]
        self._fixed = [routes.place(member.name, i) for i, member in enumerate(layout.members)]
        reserved = routes.reserved() if layout.is_protected else None
        self._arrangement = Arrangement(routes.arrays, reserved, self._encoding.text)
        own = frozenset() if reserved is None else reserved.get(routes.rest, frozenset())
        self._special = routes.special_names() | self._templates.keys() | own
        self._shapes: dict[object, Shape] = {}

    @classmethod
    def blackhole(cls, **options: Any) -> JSONFormatter:
        """Return a formatter with Blackhole's members and rules.

        Args:
            **options: as of the class; `unique` is false unless given.

        Raises:
            PatternError: an option is unknown, or cannot be used.
        """
        expect_known("json", options, _OPTIONS)
        return cls(layout=BLACKHOLE, **options)

    def format(self, record: Record, /) -> str:
        """Return *record* as one line of JSON."""
        return self.format_batch((record,))[0]

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return each of *records* as one line of JSON."""
        if not records:
            return []
        columns = [column.texts(records) for column in self._columns]
        attributes = [record.attributes or _NONE for record in records]
        names = self._common_names(columns, attributes)
        if names is None:
            return self._mixed(records, columns, attributes)
        if names:
            columns.append(self._encoding.bodies(attributes))
        return self._filled(columns, names, len(records))

    def _filled(self, columns: list[Texts], names: tuple[str, ...], count: int) -> list[str]:
        """Return the documents of records of one shape."""
        slots = tuple([slot for slot in self._slots if columns[slot] is not None])
        return self._shape(slots, names).fill_columns(columns, count)

    def _common_names(
        self, columns: list[Texts], attributes: Sequence[dict[str, Any]]
    ) -> tuple[str, ...] | None:
        """Return the names, beside fixed ones, of the shape of all records, None if they differ."""
        for slot in self._optional:
            if isinstance(columns[slot], list) and None in columns[slot]:  # type: ignore[operator]
                return None
        if not any(attributes):
            return ()
        return _BODY if all(attributes) and self._are_plain(attributes) else None

    def _are_plain(self, attributes: Iterable[dict[str, Any]]) -> bool:
        """Tell whether no attribute needs a place, a name or a text of its own."""
        if not (self._unique or _PLAIN.issuperset(map(type, attributes))):
            return False  # some may be hidden, and are to be written too
        return self._special.isdisjoint(chain.from_iterable(attributes))

    def _mixed(
        self,
        records: Sequence[Record],
        columns: list[Texts],
        attributes: Sequence[dict[str, Any]],
    ) -> list[str]:
        """Return the documents of records that differ in shape: those of each shape at once."""
        groups: dict[tuple[tuple[str, ...], tuple[int, ...]], list[int]] = {}
        values: list[tuple[Any, ...]] = []
        for index, own in enumerate(attributes):
            names, row = self._parts(own)
            missing = [slot for slot in self._optional if _at(columns[slot], index) is None]
            groups.setdefault((names, tuple(missing)), []).append(index)
            values.append(row)
        lines = [""] * len(records)
        for (names, _), indexes in groups.items():
            chosen = [records[index] for index in indexes]
            rows = [values[index] for index in indexes]
            for index, line in zip(indexes, self._alike(chosen, names, rows), strict=True):
                lines[index] = line
        return lines

    def _parts(self, attributes: dict[str, Any]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
        """Return the names that *attributes* have in a shape, and the values under them."""
        if not attributes or self._are_plain([attributes]):
            return (_BODY, (attributes,)) if attributes else ((), ())
        names = tuple(attributes)
        if type(attributes) is dict and _STRINGS.issuperset(map(type, names)):
            return tuple(map(encodable, names)), tuple(attributes.values())
        pairs = attributes.items() if self._unique else pairs_of(attributes)
        return tuple(key_text(key) for key, _ in pairs), tuple(value for _, value in pairs)

    def _alike(
        self, records: list[Record], names: tuple[str, ...], rows: list[tuple[Any, ...]]
    ) -> list[str]:
        """Return the documents of *records* that all have *names*, with the values in *rows*."""
        columns = [column.texts(records) for column in self._columns]
        if names is _BODY:
            columns.append(self._encoding.bodies([body for (body,) in rows]))
        else:
            for name, values in zip(names, zip(*rows, strict=True), strict=True):
                template = self._templates.get(name)
                shown = values if template is None else list(map(template.fill, values))
                columns.append(self._encoding.texts(shown))
        return self._filled(columns, names, len(records))

    def _shape(self, slots: tuple[int, ...], names: tuple[str, ...]) -> Shape:
        """Return the shape of documents with the fixed members *slots* and attributes *names*."""
        shape = self._shapes.get((slots, names))
        if shape is None:
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            shape = self._shapes[slots, names] = self._made_shape(slots, names)
        return shape

    def _made_shape(self, slots: tuple[int, ...], names: tuple[str, ...]) -> Shape:
        first = len(self._columns)
        places = [self._fixed[slot] for slot in slots]
        if names is _BODY:
            places.append(Place(self._routes.rest, None, first, fixed=False))
        else:
            places += [self._routes.place(name, first + i) for i, name in enumerate(names)]
        return self._arrangement.shape(places, self._end)


def _at(texts: Texts, index: int) -> str | None:
    return texts[index] if isinstance(texts, list) else texts


def _layout(layout: object) -> Layout:
    if isinstance(layout, Layout):
        return layout
    if isinstance(layout, str) and layout in LAYOUTS:
        return LAYOUTS[layout]
    return refuse("layout", f"a Layout or one of {', '.join(LAYOUTS)}", layout)
