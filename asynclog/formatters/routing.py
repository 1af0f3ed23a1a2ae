"""The options `routing` and `mapping` of a JSON formatter: which member lies where, called what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .options import expect_mapping, expect_names, expect_strings
from .pointer import parse_pointer
from .shapes import Arrays, Place, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .layouts import Layout


class Routes:
    """Knows the place of every name.

    Args:
        layout: its own routing and mapping hold where the two options say nothing.
        routing: by JSON pointer, the names that go there; a string in place of the names stands
            for all that are named nowhere.
        mapping: by name, the key to write instead.

    Raises:
        PatternError: an option cannot be used.
    """

    def __init__(self, layout: Layout, routing: object = None, mapping: object = None) -> None:
        default = _Routing("layout.routing", layout.routing)
        given = _Routing("routing", routing)
        self.rest = given.rest or default.rest or ()
        fixed = {m.name: parse_pointer(m.pointer) for m in layout.members if m.pointer is not None}
        self._pointers = {**fixed, **default.pointers, **given.pointers}
        self._keys = {**layout.mapping, **expect_strings("mapping", mapping)}
        texts = {pointer: pointer_text(pointer) for pointer in self._all_pointers()}
        self.arrays = Arrays(texts)
        self._members = tuple(member.name for member in layout.members)

    def place(self, name: str, slot: int) -> Place:
        """Return the place of the value called *name*, the one in *slot*."""
        fixed = slot < len(self._members)
        return Place(self._pointers.get(name, self.rest), self._keys.get(name, name), slot, fixed)

    def reserved(self) -> dict[Pointer, frozenset[str]]:
        """Return, by container, the keys of the fixed members in it."""
        keys: dict[Pointer, set[str]] = {}
        for slot, name in enumerate(self._members):
            place = self.place(name, slot)
            keys.setdefault(place.pointer, set()).add(place.key or "")
        return {pointer: frozenset(names) for pointer, names in keys.items()}

    def special_names(self) -> frozenset[str]:
        """Return the attributes that are treated otherwise than by writing them with the rest."""
        depth = len(self.rest)
        inner = {p[depth] for p in self._all_pointers() if p[:depth] == self.rest and p[depth:]}
        return frozenset({*self._pointers, *self._keys, *inner})

    def _all_pointers(self) -> Iterable[Pointer]:
        return {self.rest, *self._pointers.values()}


class _Routing:
    """One routing option, parsed."""

    def __init__(self, option: str, value: object) -> None:
        self.rest: Pointer | None = None
        self.pointers: dict[str, Pointer] = {}
        routes = expect_mapping(option, value)
        for text, names in routes.items():
            if isinstance(names, str):
                self.rest = parse_pointer(text)
        # A name routed twice goes to the pointer that sorts first, whatever the order given.
        for text in sorted(routes, reverse=True):
            if not isinstance(routes[text], str):
                pointer = parse_pointer(text)
                names = expect_names(f"{option}[{text!r}]", routes[text])
                self.pointers.update(dict.fromkeys(names, pointer))


def pointer_text(pointer: Pointer) -> str:
    """Return *pointer* as text."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in pointer)
