"""Where each member of a JSON document goes, worked out once for all records alike.

A shape is the text between the values: what two documents with the same names have in common.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

MAX_INDEX = 255
"""The highest index of an array that a pointer may name."""

Pointer: TypeAlias = tuple[str, ...]


class Place(NamedTuple):
    """Where one value goes."""

    pointer: Pointer
    """The container's names from the root."""
    key: str | None
    """The member's name; None for text that brings its own names, as `"a":1,"b":2`."""
    slot: int
    """Which of the values stands there."""
    fixed: bool
    """Whether it keeps its key whatever other members are called."""


class Shape:
    """The text of a document with holes for its values.

    Args:
        pieces: texts, and the slots of the values between them.
    """

    def __init__(self, pieces: Sequence[str | int]) -> None:
        self._pieces = tuple(pieces)

    def fill(self, texts: Sequence[Any]) -> str:
        """Return the document that holds *texts*, by slot: the JSON text of its values."""
        return "".join([one if isinstance(one, str) else texts[one] for one in self._pieces])

    def fill_columns(self, columns: Sequence[Any], count: int) -> list[str]:
        """Return *count* documents, as `fill` would.

        Args:
            columns: by slot, the text for each document, or one text for all.
            count: how many there are.
        """
        parts: list[Iterable[str]] = []
        text = ""
        for piece in self._pieces:
            column = piece if isinstance(piece, str) else columns[piece]
            if isinstance(column, str):
                text += column
            else:
                parts += (repeat(text, count), column)
                text = ""
        if not parts:
            return [text] * count
        return list(map("".join, zip(*parts, repeat(text, count), strict=True)))


class Arrays:
    """Which pointers name arrays: those where all ways go on by index.

    Raises:
        PatternError: an index is higher than `MAX_INDEX`.
    """

    def __init__(self, pointers: Mapping[Pointer, str]) -> None:
        following: dict[Pointer, set[str]] = {}
        for pointer, text in pointers.items():
            _check_indexes(pointer, text)
            for depth in range(1, len(pointer)):
                following.setdefault(pointer[:depth], set()).add(pointer[depth])
        self._arrays = {
            pointer
            for pointer, steps in following.items()
            if pointer not in pointers
            and any(map(is_index, steps))
            and all(is_index(step) or step == "-" for step in steps)
        }

    def __contains__(self, pointer: Pointer) -> bool:
        return pointer in self._arrays


def is_index(step: str) -> bool:
    """Tell whether *step* is the index of an array: digits without a leading zero."""
    return step.isdecimal() and step.isascii() and (step == "0" or step[0] != "0")


def _check_indexes(pointer: Pointer, text: str) -> None:
    for step in pointer[1:]:
        if is_index(step) and int(step[:9]) > MAX_INDEX:
            raise PatternError(
                f"JSON pointer {text!r}: index {step} is above {MAX_INDEX}", text, text.find(step)
            )


class Arrangement:
    """Makes shapes.

    Args:
        arrays: which containers are arrays.
        reserved: by container, the names that only fixed members may have there; None where any
            value may have any name, and a name may stand twice.
        quote: makes JSON text of a name.
    """

    def __init__(
        self,
        arrays: Arrays,
        reserved: Mapping[Pointer, frozenset[str]] | None,
        quote: Callable[[str], str],
    ) -> None:
        self._arrays = arrays
        self._reserved = reserved
        self._quote = quote

    def shape(self, places: Sequence[Place], end: str = "") -> Shape:
        """Return the shape of a document with values at *places*, in their order, and *end* last.

        Containers are made when the first value needs them.  A value never takes the key of a
        container, nor a container that of a value: the later of them gets an underscore.
        """
        root = self._object(())
        for place in places:
            self._container(root, place.pointer).add(place)
        return Shape(_joined((*root.pieces(self._quote), end)))

    def _container(self, root: _Object, pointer: Pointer) -> _Object:
        node: _Container = root
        for depth, step in enumerate(pointer, start=1):
            node = node.enter(step, partial(self._make, pointer[:depth]))
        assert isinstance(node, _Object)  # noqa: S101 - no pointer of a route ends at an array
        return node

    def _make(self, pointer: Pointer) -> _Container:
        return _Array() if pointer in self._arrays else self._object(pointer)

    def _object(self, pointer: Pointer) -> _Object:
        if self._reserved is None:
            return _Object(frozenset(), protected=False)
        return _Object(self._reserved.get(pointer, frozenset()), protected=True)


def _joined(pieces: Iterable[str | int]) -> list[str | int]:
    """Return *pieces* with neighbouring texts made one."""
    out: list[str | int] = []
    for piece in pieces:
        if out and isinstance(piece, str) and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return out


class _Object:
    """An object in the making.

    Args:
        reserved: names that only fixed members may have.
        protected: whether no name may stand twice.
    """

    def __init__(self, reserved: frozenset[str], *, protected: bool) -> None:
        self._members: list[tuple[str | None, _Container | int]] = []
        self._entered: dict[str, _Container] = {}
        self._names = set(reserved)
        self._container_names: set[str] = set()
        self._protected = protected

    def add(self, place: Place) -> None:
        """Put a value here, under its key, or under one like it that is free."""
        key = place.key
        if key is not None:
            is_free = place.fixed or not self._protected
            key = _free(key, self._container_names if is_free else self._names)
            self._names.add(key)
        self._members.append((key, place.slot))

    def enter(self, step: str, make: Callable[[], _Container]) -> _Container:
        """Return the container called *step*, made if there is none."""
        if step not in self._entered:
            key = _free(step, self._names)
            self._names.add(key)
            self._container_names.add(key)
            self._entered[step] = made = make()
            self._members.append((key, made))
        return self._entered[step]

    def pieces(self, quote: Callable[[str], str]) -> Iterator[str | int]:
        """Yield the text of this object with holes."""
        before = "{"
        for key, node in self._members:
            yield before if key is None else f"{before}{quote(key)}:"
            yield from (node,) if isinstance(node, int) else node.pieces(quote)
            before = ","
        yield "}" if self._members else "{}"


def _free(key: str, taken: set[str]) -> str:
    while key in taken:
        key += "_"
    return key


class _Array:
    """An array in the making; places that nothing was routed to are null."""

    def __init__(self) -> None:
        self._items: list[_Container | None] = []

    def enter(self, step: str, make: Callable[[], _Container]) -> _Container:
        """Return the container at index *step*, made if there is none; `-` is a new last one."""
        index = len(self._items) if step == "-" else int(step)
        self._items.extend([None] * (index + 1 - len(self._items)))
        item = self._items[index]
        if item is None:
            item = self._items[index] = make()
        return item

    def pieces(self, quote: Callable[[str], str]) -> Iterator[str | int]:
        """Yield the text of this array with holes."""
        before = "["
        for item in self._items:
            yield before
            yield from ("null",) if item is None else item.pieces(quote)
            before = ","
        yield "]"


_Container: TypeAlias = _Object | _Array
