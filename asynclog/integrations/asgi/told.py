"""Errors that were logged with their request, so that the server need not log them again."""

from __future__ import annotations

_MARK = "_asynclog_told"


def mark_told(error: BaseException) -> None:
    """Remember that *error* was logged."""
    error.__dict__[_MARK] = True


def was_told(error: BaseException | None) -> bool:
    """Whether *error* was logged."""
    return error is not None and _MARK in error.__dict__
