"""Texts that are too long to be printed whole."""

from __future__ import annotations

MAX_FIELD = 131_072
"""Characters printed of one text; of a longer one the beginning, and how long it was."""


def cut_mark(text: str) -> str:
    """Return what stands at the end of *text* where it was cut, if it was."""
    size = str.__len__(text)  # a subclass may lie about its length
    return f"<cut: {size:,} characters>" if size > MAX_FIELD else ""
