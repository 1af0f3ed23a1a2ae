"""JSON Pointer (RFC 6901), in both its forms: a string, and the fragment of a URI."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ..errors import PatternError

MAX_TOKENS = 16
"""Containers within containers that a pointer may name."""
_BROKEN_TILDE = re.compile("~(?![01])")
_BROKEN_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def parse_pointer(text: str) -> tuple[str, ...]:
    """Return the names along the way from the root, none for the root itself.

    Args:
        text: `/a/b`, where `~1` stands for a slash and `~0` for a tilde in a name; after `#`, the
            same with `%` escapes, as at the end of a URI.

    Raises:
        PatternError: *text* is no pointer.

    >>> parse_pointer("/a~1b/c")
    ('a/b', 'c')
    >>> parse_pointer("#/a%20b")
    ('a b',)
    """
    pointer, start = (_from_fragment(text), 1) if text.startswith("#") else (text, 0)
    if broken := _BROKEN_TILDE.search(text):
        raise PatternError(
            f"JSON pointer {text!r}: write a tilde as ~0, and a slash within a name as ~1",
            text,
            broken.start(),
        )
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise PatternError(
            f"JSON pointer {text!r}: expected nothing (the root) or a slash first", text, start
        )
    tokens = pointer[1:].split("/")
    if len(tokens) > MAX_TOKENS:
        raise PatternError(
            f"JSON pointer of {len(tokens)} names: at most {MAX_TOKENS} are allowed", text, 0
        )
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)


def _from_fragment(text: str) -> str:
    """Return the pointer behind the `#` of *text*, its percent escapes undone."""
    if broken := _BROKEN_PERCENT.search(text):
        raise PatternError(
            f"JSON pointer {text!r}: a percent sign needs two hexadecimal digits after it",
            text,
            broken.start(),
        )
    try:
        return unquote(text[1:], encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        raise PatternError(
            f"JSON pointer {text!r}: its percent escapes are not UTF-8", text, text.index("%")
        ) from None
