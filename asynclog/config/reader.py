"""Plain data -> models, with every mistake told by the path of its key."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import msgspec

from . import hints
from .environment import Expanded
from .kinds import Kind, alternatives, describe
from .model import Config, HandlerPart, Part, Settings
from .places import Places
from .plain import UNUSABLE
from .problems import Problems, join, listed, nearest, show
from .registry import noun_of

if TYPE_CHECKING:
    from .registry import Family, Registry

SETTINGS = "asynclog"
"""The key of the settings, beside the names of loggers."""
SCHEMA = "$schema"
"""The key by which an editor finds the schema."""
BAD = object()
"""Stands for a value whose mistake was told."""


class Reader:
    """Reads one configuration.

    Args:
        registry: the types that are known.
        problems: is told of every mistake.
    """

    def __init__(self, registry: Registry, problems: Problems) -> None:
        self._registry = registry
        self._problems = problems
        self.places = Places()
        """Where the parts stand."""

    def config(self, document: Any) -> Config:
        """Return what can be read of *document*."""
        if not isinstance(document, dict) and document is not UNUSABLE:
            self._problems.tell("", f"expected an object of loggers, got {show(document)}")
        if not isinstance(document, dict):
            document = {}
        hint = hints.of_document(document)
        if hint:
            self._problems.tell("", hint)
            document = {}
        settings = self._struct(Settings, document.get(SETTINGS, {}), SETTINGS, "this table")
        loggers = {
            name: self._handlers(value, join("", name))
            for name, value in document.items()
            if name not in (SETTINGS, SCHEMA)
        }
        return Config(Settings() if settings is BAD else settings, loggers)

    def _handlers(self, value: Any, path: str) -> tuple[HandlerPart, ...]:
        if isinstance(value, list) and not value:
            self._problems.tell(path, "expected a list of handlers, got an empty list")
        near = nearest(path, [SETTINGS]) if isinstance(value, dict) else ""
        if near:
            self._problems.tell(path, f"expected a list of handlers, got {show(value)}{near}")
            return ()
        handlers = self.value(tuple[HandlerPart, ...], value, path)
        return () if handlers is BAD else handlers

    def value(self, annotation: Any, value: Any, path: str) -> Any:
        """Return *value* as *annotation* wants it, or `BAD`."""
        if value is UNUSABLE:
            return BAD
        kinds = list(alternatives(annotation))
        if value is None and any(kind.base is type(None) or kind.base is Any for kind in kinds):
            return None
        if isinstance(value, list):
            wanted = next((kind for kind in kinds if kind.shape == "list"), None)
            if wanted:
                return self._list(wanted, value, path)
        if isinstance(value, dict):
            wanted = next((k for k in kinds if k.shape in ("object", "part", "struct")), None)
            if wanted:
                return self._object(wanted, value, path)
        plain = [kind for kind in kinds if kind.shape == "value"]
        return self._scalar(annotation, plain, value, path)

    def _list(self, kind: Kind, value: list[Any], path: str) -> Any:
        least = max((meta.min_length or 0 for meta in kind.metas), default=0)
        if len(value) < least:
            self._problems.tell(path, f"expected {describe(kind.base)}, got {show(value)}")
            return BAD
        made = [self.value(kind.inner, one, f"{path}[{i}]") for i, one in enumerate(value)]
        return BAD if any(one is BAD for one in made) else tuple(made)

    def _object(self, kind: Kind, value: dict[str, Any], path: str) -> Any:
        if kind.shape == "part":
            return self.part(kind.base, value, path)
        if kind.shape == "struct":
            return self._struct(kind.base, value, path)
        made = {
            self.value(kind.key, key, join(path, key)): self.value(kind.inner, one, join(path, key))
            for key, one in value.items()
        }
        return BAD if BAD in made or any(one is BAD for one in made.values()) else made

    def _scalar(self, annotation: Any, kinds: list[Kind], value: Any, path: str) -> Any:
        """Return *value*, one that holds no others."""
        if any(kind.base is Any or kind.base is object for kind in kinds):
            return value
        try:
            made = _converted(kinds, value)
        except (ValueError, OverflowError, TypeError):
            hint = hints.of_value(annotation, value)
            self._problems.tell(
                path, f"expected {describe(annotation)}, got {show(value, path)}{hint}"
            )
            return BAD
        return self._checked(kinds, made, value, path)

    def _checked(self, kinds: list[Kind], made: Any, value: Any, path: str) -> Any:
        for kind in kinds:
            for check in kind.checks:
                try:
                    check(made)
                except (ValueError, TypeError, OverflowError) as error:
                    reason = hints.without_name(str(error))
                    reason = f"{reason.partition(', got ')[0]}, got {show(value, path)}"
                    self._problems.tell(path, reason + hints.of_checked(check, value))
                    return BAD
        return made

    def part(self, family: Family, value: dict[str, Any], path: str) -> Any:
        """Return the part of *family* that *value* describes, or `BAD`."""
        model = self._model(family, value, path)
        if model is None:
            return BAD
        options = {key: one for key, one in value.items() if key != "type"}
        noun = f"a {noun_of(family)}"
        what = f'{noun} of type "{value["type"]}"' if "type" in value else noun
        part = self._struct(model, options, path, what)
        if part is not BAD:
            self.places.put(part, path)
        return part

    def _model(self, family: Family, value: dict[str, Any], path: str) -> type[Part] | None:
        """Return the model that the type of *value* names."""
        name = value.get("type", getattr(family, "DEFAULT", None))
        known = self._registry.names(family)
        if name is UNUSABLE:
            return None
        if name is None:
            noun, hint = noun_of(family), hints.of_missing_type(value, known)
            self._problems.tell(path, f"each {noun} must have a type, one of {listed(known)}{hint}")
            return None
        try:
            model = self._registry.find(family, str(name)) if isinstance(name, str) else None
        except ValueError as error:
            self._problems.tell(join(path, "type"), str(error))
            return None
        if model is None:
            near = nearest(name, known) or hints.of_type(noun_of(family), name)
            reason = f"expected one of {listed(known)}, got {show(name)}{near}"
            self._problems.tell(join(path, "type"), reason)
        return model

    def _struct(self, model: type[Any], value: Any, path: str, what: str = "this object") -> Any:
        """Return *value* as a *model*, or `BAD`."""
        if value is UNUSABLE:
            return BAD
        if not isinstance(value, dict):
            self._problems.tell(path, f"expected an object, got {show(value)}")
            return BAD
        fields = {field.encode_name: field for field in msgspec.structs.fields(model)}
        meant = self._unknown_keys(value, fields, path, what)
        good = value.keys() <= fields.keys()
        made = {}
        for key, field in fields.items():
            if key in value:
                made[field.name] = self.value(field.type, value[key], join(path, key))
                good = good and made[field.name] is not BAD
            elif field.required:
                good = False
                if key not in meant:
                    reason = f"required, but missing: expected {describe(field.type)}"
                    self._problems.tell(join(path, key), reason)
        return model(**made) if good else BAD

    def _unknown_keys(
        self, value: dict[str, Any], fields: dict[str, Any], path: str, what: str
    ) -> set[str]:
        """Tell of each key of *value* that is none of *fields*; return those that were meant."""
        found = set()
        for key in value:
            if key not in fields:
                meant = hints.meant_by(key, fields)
                found.add(meant or "")
                near = f'; here it is called "{meant}"' if meant else nearest(key, fields)
                has = f"only {listed(fields)}" if fields else "none at all"
                reason = f"{what} has no option {show(key)}, {has}{near}"
                self._problems.tell(join(path, key), reason)
        return found


def _converted(kinds: list[Kind], value: Any) -> Any:
    """Return *value* as one of *kinds*.

    Raises:
        ValueError: it is none of them; `msgspec.ValidationError` is one, too.
    """
    if not kinds:
        raise ValueError("expected something with members")
    kind: Any = functools.reduce(operator.or_, (one.annotated for one in kinds))
    plain = str(value) if isinstance(value, str) else value
    return msgspec.convert(plain, kind, strict=not isinstance(value, Expanded))
