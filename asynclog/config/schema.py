"""A JSON Schema of configurations, made from the models, for editors to complete and check by."""

from __future__ import annotations

import ast
import inspect
import textwrap
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from .kinds import Kind, alternatives, describe
from .model import HandlerPart, Part, Settings
from .reader import SETTINGS
from .registry import FAMILIES, group_of, noun_of

if TYPE_CHECKING:
    from .registry import Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = {"type": "string", "pattern": r"\$\{"}
"""Text with a value from the environment may stand for a number, or for true and false."""


def schema_of(registry: Registry) -> dict[str, Any]:
    """Return the schema of configurations with the types of *registry*."""
    handlers = {"type": "array", "minItems": 1, "items": _reference(HandlerPart)}
    definitions: dict[str, Any] = {}
    for family in FAMILIES:
        group = group_of(family)
        models = dict(registry.models(family))
        names = [f"{noun_of(family)}.{name}" for name in models]
        definitions[group] = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
        for name, model in models.items():
            is_default = name == getattr(family, "DEFAULT", None)
            definitions[f"{noun_of(family)}.{name}"] = _part(name, model, is_default=is_default)
    return {
        "$schema": DIALECT,
        "title": "A configuration of asynclog",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            SETTINGS: _object(Settings),
            "root": handlers
            | {"description": "The handlers of the logger that is used by default."},
        },
        "additionalProperties": handlers | {"description": "The handlers of a logger."},
        "$defs": definitions,
    }


def shipped_schema() -> str:
    """Return the text of the schema that comes with asynclog."""
    return files(__package__).joinpath("schema.json").read_text(encoding="utf-8")


def _reference(family: type[Part]) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{group_of(family)}"}


def _part(name: str, model: type[Part], *, is_default: bool) -> dict[str, Any]:
    schema = _object(model)
    schema["properties"] = {"type": {"const": name}, **schema["properties"]}
    if not is_default:
        schema["required"] = ["type", *schema.get("required", [])]
    return schema


def _object(model: type[Any]) -> dict[str, Any]:
    """Return the schema of the object that *model* describes."""
    notes = notes_of(model)
    fields = msgspec.structs.fields(model)
    properties = {}
    for field in fields:
        schema = _value(field.type)
        if field.encode_name in notes:
            words = f" Allowed is {schema['description']}" if "description" in schema else ""
            schema = {**schema, "description": notes[field.encode_name] + words}
        if field.default not in (msgspec.NODEFAULT, None) and _is_plain(field.default):
            schema["default"] = field.default
        properties[field.encode_name] = schema
    required = [field.encode_name for field in fields if field.required]
    return {
        "description": first_line(model),
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _is_plain(value: object) -> bool:
    return isinstance(value, (bool, int, float, str))


def _value(annotation: Any) -> dict[str, Any]:
    """Return the schema of a value of the type *annotation*."""
    kinds = [kind for kind in alternatives(annotation) if kind.base is not type(None)]
    options = [_kind(kind) for kind in kinds]
    is_text = any(kind.base is str for kind in kinds)
    if not is_text and any(kind.base in (int, float, bool) for kind in kinds):
        options.append(REFERENCE)
    schema = options[0] if len(options) == 1 else {"anyOf": options}
    words = [meta for kind in kinds for meta in kind.metas if meta.extra and "words" in meta.extra]
    return {"description": f"{describe(annotation)}.", **schema} if words else dict(schema)


def _kind(kind: Kind) -> dict[str, Any]:
    if kind.base in (Any, object):
        return {}
    if kind.shape == "part":
        return _reference(kind.base)
    if kind.shape == "struct":
        return _object(kind.base)
    if kind.shape == "list":
        least = max((meta.min_length or 0 for meta in kind.metas), default=0)
        items = {"type": "array", "items": _value(kind.inner)}
        return items | {"minItems": least} if least else items
    if kind.shape == "object":
        members = {"type": "object", "additionalProperties": _value(kind.inner)}
        return members if kind.key is str else members | {"propertyNames": _value(kind.key)}
    return msgspec.json.schema(kind.annotated)


def first_line(model: type[Any]) -> str:
    """Return the sentence that heads the docstring of *model*."""
    return (model.__doc__ or "").strip().partition("\n")[0]


def notes_of(model: Any) -> dict[str, str]:
    """Return the docstrings below the fields of *model*, by name, as far as its source is there."""
    notes: dict[str, str] = {}
    kinds: tuple[type[Any], ...] = model.__mro__
    for kind in reversed(kinds):
        if issubclass(kind, msgspec.Struct):
            notes |= _own_notes(kind)
    return notes


def _own_notes(kind: type[Any]) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    except (OSError, TypeError, SyntaxError):
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    return {
        field.target.id: " ".join(str(note.value.value).split())
        for field, note in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(note, ast.Expr)
        and isinstance(note.value, ast.Constant)
    }


def write_schema(registry: Registry) -> str:
    """Return the text of the schema, as it is shipped."""
    text = msgspec.json.format(msgspec.json.encode(schema_of(registry)), indent=2)
    return f"{text.decode()}\n"
