"""What a field of a model may hold, taken apart and described in words."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from msgspec import Meta, Struct

from .model import Part
from .problems import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    type(None): "null",
}


class Kind(NamedTuple):
    """One of the alternatives that a field allows."""

    base: Any
    """The type: a class, `Literal[...]`, `tuple[X, ...]` or `dict[str, X]`."""
    metas: tuple[Meta, ...] = ()
    """Its constraints."""

    @property
    def shape(self) -> str:
        """`list`, `object`, `part` (an object with a type) or `value`."""
        origin = get_origin(self.base)
        if origin is tuple or origin is list:
            return "list"
        if origin is dict or self.base is dict:
            return "object"
        if isinstance(self.base, type) and issubclass(self.base, Struct):
            return "part" if issubclass(self.base, Part) else "struct"
        return "value"

    @property
    def annotated(self) -> Any:
        """A type with those constraints that msgspec knows for it."""
        names = ("ge", "gt", "le", "lt") * (self.base in (int, float))
        kind = self.base
        for meta in self.metas:
            wanted = (*names, *(("pattern",) * (kind is str)))
            bounds = {
                name: getattr(meta, name) for name in wanted if getattr(meta, name) is not None
            }
            kind = Annotated[kind, Meta(**bounds)] if bounds else kind
        return kind

    @property
    def inner(self) -> Any:
        """What a list or an object holds."""
        arguments = get_args(self.base)
        if not arguments:
            return Any
        return arguments[1] if self.shape == "object" else arguments[0]

    @property
    def key(self) -> Any:
        """What the keys of an object are: text, in any case."""
        arguments = get_args(self.base)
        is_text = bool(arguments) and all(one.base is str for one in alternatives(arguments[0]))
        return arguments[0] if is_text else str

    @property
    def checks(self) -> list[Callable[[Any], object]]:
        """Functions that raise `ValueError` of a value that cannot be used."""
        return [meta.extra["check"] for meta in self.metas if meta.extra and "check" in meta.extra]


def alternatives(annotation: Any, metas: tuple[Meta, ...] = ()) -> Iterator[Kind]:
    """Yield what *annotation* allows."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        own = tuple(meta for meta in more if isinstance(meta, Meta))
        yield from alternatives(inner, metas + own)
    elif origin is Union or origin is types.UnionType:
        for one in get_args(annotation):
            yield from alternatives(one, metas)
    else:
        yield Kind(annotation, metas)


def describe(annotation: Any) -> str:
    """Return in words what *annotation* allows; null is left out where there is anything else."""
    kinds = list(alternatives(annotation))
    known = [m.extra["words"] for k in kinds for m in k.metas if m.extra and "words" in m.extra]
    if known:
        return str(known[0])
    words = [_describe(kind) for kind in kinds if kind.base is not type(None)]
    return " or ".join(dict.fromkeys(words)) or "null"


def _describe(kind: Kind) -> str:
    if get_origin(kind.base) is Literal:
        return f"one of {listed(map(str, get_args(kind.base)))}"
    if kind.shape == "part":
        return f"a {kind.base.FAMILY}, an object with a type"
    if kind.shape == "struct":
        return "an object"
    if kind.shape == "list":
        return f"a list of {_plural(describe(kind.inner))}"
    if kind.shape == "object":
        return "an object"
    return _WORDS.get(kind.base, "a value") + _bounds(kind)


def _plural(text: str) -> str:
    if text.endswith(", an object with a type"):
        noun = text.partition(",")[0].removeprefix("a ")
        return f"{noun}s, objects with a type"
    return {"text": "texts", "a whole number": "whole numbers"}.get(text, text)


def _bounds(kind: Kind) -> str:
    if kind.base not in (int, float):
        return "".join(f", such as {one!r}" for meta in kind.metas for one in meta.examples or ())
    for meta in kind.metas:
        if meta.ge is not None and meta.le is not None:
            return f" from {meta.ge} to {meta.le}"
        if meta.ge is not None:
            return f" from {meta.ge} up"
        if meta.gt is not None:
            return f" above {meta.gt}"
    return ""
