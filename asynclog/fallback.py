"""The last resort: a word about the logger itself, on stderr, without ever waiting for it."""

from __future__ import annotations

import select
import sys


def tell(text: str) -> None:
    """Print one line about the logger on stderr; drop it if stderr would make the caller wait."""
    stream = sys.stderr
    if stream is None or not _writable(stream):
        return
    try:
        stream.write(f"asynclog: {text}\n")
        stream.flush()
    except (OSError, ValueError):
        return  # a closed or broken stderr; there is nobody left to tell


def _writable(stream: object) -> bool:
    """Whether a short write to *stream* returns at once, as far as the kernel can tell."""
    try:
        descriptor = stream.fileno()  # type: ignore[attr-defined]
        poller = select.poll()
        poller.register(descriptor, select.POLLOUT)
        return bool(poller.poll(0))
    except (AttributeError, OSError, ValueError):
        return True  # no descriptor behind it: a buffer in memory
