"""The vectors and the departures from them, read once."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def vectors(name: str) -> dict[str, Any]:
    """Return the content of the file *name* of vectors."""
    return json.loads((HERE / "vectors" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def departures(table: str) -> dict[str, dict[str, Any]]:
    """Return the departures in *table*, by name of the vector."""
    content = tomllib.loads((HERE / "departures.toml").read_text(encoding="utf-8"))
    return {one["name"]: one for one in content.get(table, [])}
