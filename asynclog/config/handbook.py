"""The reference of configurations, in Markdown, made from the models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from .kinds import alternatives, describe
from .model import Part, Redaction, Settings
from .reader import SETTINGS
from .registry import FAMILIES, group_of, noun_of
from .schema import first_line, notes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .registry import Registry

_HEAD = f"""\
# Configuration

A file, JSON or TOML, is an object of loggers: by the name of each, the list of its handlers.
[`load_config`](#loading) makes the logger called `root` of it, or another one. Beside the loggers,
the table `{SETTINGS}` says how lines are collected. All objects with a `type` may be of types that
[other packages add](#types-of-your-own).

In every text, `${{NAME}}` is the value of that variable of the environment, and so is
`${{NAME:-default}}`, unless it is missing or empty; `$${{` is `${{` itself. `ASYNCLOG_CONFIG`
names the file where the program names none, `ASYNCLOG_LEVEL` goes before the `level` of the file.

Blackhole's files load as they are, with a comma behind the last member, too.

This page is made from the models: `asynclog schema --markdown` prints it, with the types of
plug-ins. `asynclog schema` prints the same as JSON Schema, for editors.
"""
_TAIL = """\
## Loading

```{eval-rst}
.. autofunction:: asynclog.config.load_config
.. autofunction:: asynclog.config.reloading
.. autoexception:: asynclog.errors.ConfigError
.. autoclass:: asynclog.errors.ConfigProblem
```

## Types of your own

```{eval-rst}
.. autoclass:: asynclog.config.Registry
```
"""


def handbook_of(registry: Registry) -> str:
    """Return the page for the types of *registry*."""
    lines = [_HEAD, *_section(f"The table `{SETTINGS}`", "##", Settings)]
    lines += _section("Redaction", "###", Redaction)
    for family in FAMILIES:
        lines.append(f"## {group_of(family).capitalize()}\n")
        for name, model in registry.models(family):
            lines += _section(f"{noun_of(family).capitalize()} `{name}`", "###", model)
    return "\n".join([*lines, _TAIL])


def _section(title: str, mark: str, model: type[Any]) -> Iterator[str]:
    """Yield heading, sentence and table of *model*."""
    yield f"{mark} {title}\n\n{first_line(model)}\n"
    fields = msgspec.structs.fields(model)
    if not fields:
        yield "It has no options.\n"
        return
    notes = notes_of(model)
    yield "| option | value | default | |\n|---|---|---|---|"
    for field in sorted(fields, key=lambda one: not one.required):
        cells = (
            f"`{field.encode_name}`",
            _kind(field.type),
            _default(field),
            notes.get(field.encode_name, ""),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _kind(annotation: Any) -> str:
    """Return what is allowed, briefly."""
    bases = [kind.base for kind in alternatives(annotation) if kind.base is not type(None)]
    for base in bases:
        if isinstance(base, type) and issubclass(base, Part):
            return f"a {noun_of(base)}"
    if any(base is Any or base is object for base in bases):
        return "anything"
    words = describe(annotation).replace(", objects with a type", "").replace('"', "`")
    return "a level" if "TRACE" in words else words.replace("such as 4096 or `10MB`", "`10MB`")


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    default = field.default if field.default is not msgspec.NODEFAULT else None
    return (
        ""
        if default is None or not isinstance(default, (str, int, float))
        else (f"`{json.dumps(default)}`")
    )
