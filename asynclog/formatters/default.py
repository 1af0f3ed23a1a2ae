"""The form of a line where the user asks for none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pattern import PatternFormatter
from .presets import DEFAULT

if TYPE_CHECKING:
    from ..protocols import Formatter


def default_formatter() -> Formatter:
    """Return the formatter that is used where none is given: time, level, label, message, rest."""
    return PatternFormatter(DEFAULT)
