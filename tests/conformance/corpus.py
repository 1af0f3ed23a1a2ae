"""The vectors and the departures from them, read once."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def files(name: str) -> list[dict[str, Any]]:
    """Return what the files called *name* hold: the observed cases, and those of public suites."""
    found = [HERE / "vectors" / f"{name}.json", HERE / "vectors" / "public" / f"{name}.json"]
    return [json.loads(path.read_text(encoding="utf-8")) for path in found if path.exists()]


@cache
def vectors(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the cases of all files called *name*, by section."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for content in files(name):
        for section, cases in content.items():
            if isinstance(cases, list):
                sections.setdefault(section, []).extend(cases)
    return sections


@cache
def departures(table: str) -> dict[str, dict[str, Any]]:
    """Return the departures in *table*, by name of the vector."""
    content = tomllib.loads((HERE / "departures.toml").read_text(encoding="utf-8"))
    return {one["name"]: one for one in content.get(table, [])}
