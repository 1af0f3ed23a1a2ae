"""Divides a stream of bytes into lines of bounded length."""

from __future__ import annotations

MAX_LINE = 16_384
"""Bytes in the longest line that is handed on whole; a longer one is handed on in pieces."""

_LONGEST_CHARACTER = 4
"""Bytes of UTF-8; all but the first of a character lie from `_CONTINUATION` to `_FIRST_OF_TWO`."""
_CONTINUATION, _FIRST_OF_TWO = 0x80, 0xC0


class LineSplitter:
    r"""Finds the lines in chunks of bytes, wherever the chunks end.

    The lines are those between line feeds; a carriage return before one goes with it.  Bytes that
    are not UTF-8 become visible escapes such as `\xff`.  No more than one line is kept back.

    Args:
        limit: the most bytes in one line, at least 4.  A longer one is divided, between
            characters, and nothing of it is left out.
    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = max(limit, _LONGEST_CHARACTER)
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that end in *data*."""
        *ended, rest = (self._rest + data).split(b"\n")
        lines: list[str] = []
        for line in ended:
            self._take(line, lines)
        self._rest = self._shorten(rest, lines)
        return lines

    def end(self) -> list[str]:
        """Return what came after the last line feed, if anything did."""
        rest, self._rest = self._rest, b""
        lines: list[str] = []
        if rest:
            self._take(rest, lines)
        return lines

    def _take(self, line: bytes, lines: list[str]) -> None:
        lines.append(_text(self._shorten(line, lines).removesuffix(b"\r")))

    def _shorten(self, line: bytes, lines: list[str]) -> bytes:
        """Move pieces of *line* to *lines* until the rest is short enough, and return it.

        A carriage return at the end does not count: a line feed may still follow it.
        """
        while len(line) - line.endswith(b"\r") > self._limit:
            end = _boundary(line, self._limit)
            lines.append(_text(line[:end]))
            line = line[end:]
        return line


def _boundary(line: bytes, end: int) -> int:
    """Return the last index up to *end* at which a character of UTF-8 can begin."""
    for index in range(end, end - _LONGEST_CHARACTER, -1):
        if not _CONTINUATION <= line[index] < _FIRST_OF_TWO:
            return index
    return end


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")
