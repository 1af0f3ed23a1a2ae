r"""Text that stays on its line, whatever a user or a peer put into it.

What is escaped, visibly, in the notation of Python's string literals:

- all control characters, C0, DEL and C1: line breaks, TAB, NUL, ESC and its escape sequences;
- U+2028 and U+2029, which many programs take for line breaks;
- bidirectional controls, which make a line read otherwise than it is stored;
- the byte order mark and invisible characters of no width, which hide differences;
- lone surrogates, which UTF-8 cannot encode.

TAB is escaped too: it separates columns in a reader's tools, and text must not forge a column.
Everything else is kept as it is: the no-break space, combining marks, and the two joiners
(U+200C, U+200D) that Persian, Indic scripts and emoji need.  A backslash is kept as well, so that
paths and regular expressions read as written; whoever needs the exact text back takes JSON.
"""

from __future__ import annotations

import re

_ASCII_CONTROLS = bytes([*range(32), 127])
_BREAKS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
"""The ones that come in masses, replaced at the speed of C."""

UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidirectional controls, deprecated formats
    "\u180e\u200b\u2060-\u2064\ufeff"  # no width
    "\u2028\u2029\ufff9-\ufffb"  # separators of lines and paragraphs, interlinear annotation
    "\ud800-\udfff"  # lone surrogates: a pair is one character in Python
    "\U000e0001"  # the language tag; its neighbours spell the flags of some countries
    "]"
)


def escape(text: str) -> str:
    r"""Return *text* with everything escaped that could break or disguise its line.

    >>> escape("one\ntwo \x1b[31m")
    'one\\ntwo \\x1b[31m'
    """
    if type(text) is not str:
        text = str.__str__(text)  # an exact copy: a subclass may lie in any of its methods
    # `isprintable` is false for a few harmless characters too, but never true for an unsafe one.
    return text if text.isprintable() else _escape_unprintable(text)


def is_safe(text: str) -> bool:
    """Tell whether *text* needs no escape, several times faster than by escaping it.

    Safe text with unusual characters may be told to be unsafe, but never the other way round.
    """
    if not text.isascii():
        return text.isprintable()
    data = text.encode()
    return len(data.translate(None, _ASCII_CONTROLS)) == len(data)


def _escape_unprintable(text: str) -> str:
    for character, visible in _BREAKS.items():
        text = text.replace(character, visible)
    return UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code <= 0xFF:  # noqa: PLR2004 - two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits
