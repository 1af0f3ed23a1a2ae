"""Text with all that changes from one line to the next replaced by what it is: pure.

For messages that were put together before they were logged, as f-strings are: without a template,
nothing else tells what two of them have in common.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_TEXT = 2_048
"""Characters that are looked at; what stands behind them does not tell groups apart."""
MAX_REMEMBERED = 512
"""Characters of a text whose outcome is remembered."""

# The first that matches wins, so what is made of others comes first.  None can match in two ways,
# which keeps the time in proportion to the text.
_PARTS = {
    "url": r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s\"'<>]+",
    "email": r"\b[a-zA-Z0-9_.+-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8}\b",
    "uuid": r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b",
    "date": r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?\b",
    "time": r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b",
    "ip": r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b"
    r"|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b",
    "address": r"\b0[xX][0-9a-fA-F]+\b",
    "quoted": r"\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)",
    "duration": r"(?<![\w.])[+-]?\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|sec|min|h|d)\b",
    "hash": r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{12,128}\b",
    "number": r"(?<![\w.])[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?(?!\w)|(?<=[a-zA-Z_-])\d+",
}
_PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PARTS.items()))


def normalise(text: str) -> str:
    """Return *text* with identifiers, addresses, numbers, dates and the like by their kinds.

    `"user 17 took 3.2 ms"` becomes `"user <number> took <duration>"`.
    """
    if len(text) <= MAX_REMEMBERED:
        return _remembered(text)
    return _replaced(text[:MAX_TEXT])


def _replaced(text: str) -> str:
    return _PATTERN.sub(lambda match: f"<{match.lastgroup}>", text)


_remembered = lru_cache(maxsize=4096)(_replaced)
