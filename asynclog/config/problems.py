"""The mistakes of one configuration, collected, and how values are shown in them."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, ConfigProblem
from ..redaction import MASK, Redactor
from .environment import Expanded

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 50
"""Mistakes that are told; a file with more is no configuration at all."""
LONGEST = 60
"""Characters of a value that are shown."""
LONGEST_REASON = 500

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
_LAST_KEY = re.compile(r"([A-Za-z0-9_-]+)(?:\[\d+\])*$")


class Problems:
    """Collects mistakes.

    Args:
        source: the file; for a mapping, what stands for it.
    """

    def __init__(self, source: str) -> None:
        self.source = _printable(source)
        self._found: dict[ConfigProblem, None] = {}

    def tell(self, path: str, reason: str) -> None:
        """Remember a mistake at *path*."""
        line = " ".join(cleaner().text(reason).split())
        self._found[ConfigProblem(path, _printable(line)[:LONGEST_REASON])] = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_any(self) -> None:
        """Raise all mistakes together, if there are any.

        Raises:
            ConfigError: there are.
        """
        if self._found:
            raise self.error()

    def error(self) -> ConfigError:
        """Return the error that tells all mistakes."""
        return ConfigError(self.source, tuple(self._found)[:MOST])


def _printable(text: str) -> str:
    """Return *text* with everything escaped that could break or disguise its line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


@cache
def cleaner() -> Redactor:
    """Return what takes secrets out of texts."""
    return Redactor()


def join(path: str, key: object) -> str:
    """Return the path of the member *key* of the object at *path*."""
    text = str(key)
    if _PLAIN_KEY.fullmatch(text):
        return f"{path}.{text}" if path else text
    return f"{path}[{text[:LONGEST]!a}]"


def show(value: Any, path: str = "", longest: int = LONGEST) -> str:
    """Return what is shown of *value*: no secret, no content of objects and lists."""
    key = _LAST_KEY.search(path)
    if key and cleaner().is_secret(key[1]) and isinstance(value, str):
        return f'"{MASK}"'
    if isinstance(value, Expanded):
        return json.dumps(value.raw[:longest])
    if isinstance(value, (dict, list)):
        noun = "object" if isinstance(value, dict) else "list"
        return f"an empty {noun}" if not value else "an object" if noun == "object" else "a list"
    if isinstance(value, str):
        return json.dumps(cleaner().text(value)[:longest], ensure_ascii=True)
    return json.dumps(value) if value is None or isinstance(value, bool) else _text(value)


def _text(value: object) -> str:
    try:
        return str(value)[:LONGEST]
    except Exception:  # noqa: BLE001 - a mapping may hold anything
        return f"<{type(value).__name__}>"


def nearest(word: object, known: Iterable[str]) -> str:
    """Return a question about the one of *known* that is most like *word*, or nothing."""
    if not isinstance(word, str):
        return ""
    by_folded = {one.lower().replace("-", "_"): one for one in known}
    folded = word[:LONGEST].lower().replace("-", "_")
    close = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return f'; did you mean "{by_folded[close[0]]}"?' if close else ""


def listed(names: Iterable[str]) -> str:
    """Return *names* as one reads them in a sentence."""
    return ", ".join(f'"{name}"' for name in names)
