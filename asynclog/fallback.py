"""The last resort: a word about the logger itself, on stderr, without ever waiting for it."""

from __future__ import annotations

import select
import sys

from .messages import text_of
from .typenames import short_name

MAX_WORD = 1_000
"""Characters of one word; with four bytes each it still fits into what a pipe takes at once."""
MAX_NAME = 300
"""Characters of a name or a reason within it."""


def tell(text: str) -> None:
    """Print one line about the logger on stderr; drop it if that would make the caller wait.

    It is dropped, too, where nobody can ever read it: it would stay in the stream's buffer, and
    Python ends with status 120 when it cannot flush that.  Never raises: it is called where
    something has gone wrong already.
    """
    try:
        stream = sys.stderr
        if stream is not None and _is_writable(stream):
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write(f"asynclog: {_visible(text[:MAX_WORD], encoding)}\n")
            stream.flush()
    except Exception:  # noqa: BLE001 - closed, broken or strange; there is nobody left to tell
        return


def name_of(thing: object) -> str:
    """Return the `repr` of *thing*, in short, or its type where that fails."""
    try:
        return str.__str__(repr(thing))[:MAX_NAME]
    except BaseException:  # noqa: BLE001 - a foreign repr may do anything
        return f"<{short_name(type(thing))}>"


def reason_of(error: BaseException) -> str:
    """Return type and text of *error* as one short line.

    What foreign libraries put into further attributes stays out of it.
    """
    try:
        text = " ".join(text_of(error).split())
    except BaseException:  # noqa: BLE001 - a foreign text may do anything
        text = ""
    name = short_name(type(error))
    return f"{name}: {text}"[:MAX_NAME] if text else name


def count_of(lines: int) -> str:
    """Return the number of *lines* in words, as in `1 line` or `3,210 lines`."""
    return f"{lines:,} {'line' if lines == 1 else 'lines'}"


def _is_writable(stream: object) -> bool:
    """Whether a short write to *stream* succeeds at once, as far as the kernel can tell."""
    try:
        poller = select.poll()
        poller.register(stream.fileno(), select.POLLOUT)  # type: ignore[attr-defined]
        return [event for _, event in poller.poll(0)] == [select.POLLOUT]  # no error, no hang-up
    except (AttributeError, OSError, ValueError):
        return True  # no descriptor behind it: a buffer in memory


def _visible(text: str, encoding: str) -> str:
    """Return *text* with all that cannot be printed, or breaks its line, as an escape."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)[:MAX_WORD]
    return shown.encode(encoding, "backslashreplace").decode(encoding)
