"""Paths with attributes in them, `logs/{tenant}.log`: pure.

What users put into an attribute must not choose the directory.  A value becomes part of one name:
of all characters only letters, digits, `.`, `_` and `-` of ASCII stay, and where that changed or
shortened the text, a digest of the whole keeps different values apart.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..records import Record

MAX_VALUE = 64
"""Characters of one value in a name."""
MISSING = "_missing"
"""What stands for an attribute that a record has not."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_SAFE = re.compile(rf"[A-Za-z0-9_-][A-Za-z0-9._-]{{0,{MAX_VALUE - 1}}}")


class PathTemplate:
    """A path whose names may hold attributes.

    Args:
        text: the path; `{name}` stands for an attribute, or, as `{label}`, for the record's label;
            `{{` and `}}` stand for single braces.

    Raises:
        ValueError: a placeholder is not closed, has no name, or more than a name.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        """The attributes, in order; without any, there is one file for all records."""
        plain = []
        try:
            parsed = list(Formatter().parse(text))
        except ValueError as error:
            raise ValueError(f"path: {error}; write {{{{ for a brace, got {text!r}") from None
        for literal, name, spec, conversion in parsed:
            plain.append(literal.replace("{", "{{").replace("}", "}}"))
            if name is not None:
                if not name or spec or conversion or not re.fullmatch(r"[^\s{}\[\]!:]+", name):
                    raise ValueError(
                        f"path: expected placeholders such as {{tenant}}, got {text!r}"
                    )
                plain.append("{}")
                self.names.append(name)
        self._format = "".join(plain).format
        self.root = _root(text)
        """The directory above the first name with a placeholder."""

    def plain(self) -> str:
        """Return the path of a template without placeholders."""
        return self._format()

    def path_of(self, record: Record) -> str:
        """Return the path for *record*; never one outside of `root`."""
        return self._format(*[safe_name(_value(record, name)) for name in self.names])


def safe_name(value: object) -> str:
    """Return *value* as text that can stand in the name of a file, and leads nowhere.

    >>> safe_name("acme"), safe_name("../../etc/passwd")
    ('acme', '_._.._etc_passwd-e5e710ea784151b5')
    """
    text = _text(value)
    if _SAFE.fullmatch(text):
        return text
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    cleaned = _UNSAFE.sub("_", text[:MAX_VALUE])
    return f"_{cleaned[1:]}-{digest}" if cleaned[:1] in ("", ".") else f"{cleaned}-{digest}"


def _value(record: Record, name: str) -> object:
    attributes = record.attributes or {}
    if name in attributes:
        return attributes[name]
    return record.label if name == "label" else MISSING


def _text(value: Any) -> str:
    try:
        return str.__str__(str(value))
    except Exception as error:  # noqa: BLE001 - whatever a foreign __str__ does, the record is written
        return type(error).__name__


def _root(text: str) -> Path:
    """Return the directory of the first part of the path that holds a brace."""
    above: list[str] = []
    for part in Path(text).parts:
        if "{" in part or "}" in part:
            break
        above.append(part)
    return Path(*above)
