r"""How lines become bytes on a stream, so that the receiver can tell them apart: pure.

Text is UTF-8; what UTF-8 cannot encode, lone surrogates, is escaped.  A formatter may make several
physical lines of one record, for a traceback; where line breaks separate records, those within one
are escaped, so that no text can pass for a record of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..records import Batch

    Framing = Callable[[Sequence[str]], list[bytes]]


def encode(text: str) -> bytes:
    r"""Return *text* as UTF-8; never raises.

    >>> encode("caf\xe9 \ud800")
    b'caf\xc3\xa9 \\ud800'
    """
    return text.encode("utf-8", "backslashreplace")


def encode_lines(batch: Batch) -> bytes:
    """Return the lines of *batch*, each with a line break at its end, as they are in a file."""
    return encode("\n".join(batch.lines) + "\n")


def one_line(text: str) -> str:
    r"""Return *text* without line breaks and NUL, which end a record for one receiver or other.

    >>> one_line("a\nb")
    'a\\nb'
    """
    if text.isprintable():
        return text
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\x00")


def encode_each(lines: Sequence[str]) -> list[bytes]:
    """Return each of *lines* as UTF-8 and nothing else, for transports that keep records apart."""
    return [encode(line) for line in lines]


def newline(lines: Sequence[str]) -> list[bytes]:
    """Return *lines*, each with a line break at its end and none inside.

    Non-transparent framing, RFC 6587 section 3.4.2.  Mostly no line needs a change; then all of
    them are one item.
    """
    text = "\n".join(lines)
    if text.count("\n") == len(lines) - 1 and "\r" not in text and "\0" not in text:
        return [encode(text) + b"\n"]
    return [encode(one_line(line)) + b"\n" for line in lines]


def octet_counting(lines: Sequence[str]) -> list[bytes]:
    """Return each of *lines* with its length before it, in bytes and decimal, and a space.

    RFC 6587 section 3.4.1: `11 hello world`.
    """
    frames = [encode(line) for line in lines]
    return [b"%d %b" % (len(frame), frame) for frame in frames]


FRAMINGS: dict[str, Framing] = {"newline": newline, "octet-counting": octet_counting}
"""Framing by the name that settings use."""


def parse_framing(name: str) -> Framing:
    """Return the framing called *name*.

    Raises:
        ValueError: there is none of this name; the message names those that exist.
    """
    if name not in FRAMINGS:
        raise ValueError(f"framing: expected one of {', '.join(FRAMINGS)}, got {name!r}")
    return FRAMINGS[name]


def cut(frame: bytes, limit: int) -> bytes:
    """Return *frame* in at most *limit* bytes, with a marker where it was cut.

    The marker tells the true length, `...[70,132 bytes]`; no character of UTF-8 is cut in two.
    """
    if len(frame) <= limit:
        return frame
    marker = f"...[{len(frame):,} bytes]".encode()
    kept = frame[: max(0, limit - len(marker))]
    return kept.decode("utf-8", "ignore").encode() + marker[:limit]
