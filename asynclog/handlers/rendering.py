"""Formatting that never loses a record, whatever the formatter does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from .. import fallback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..protocols import Formatter
    from ..records import Record

_TEXT = frozenset({str})


class Renderer:
    """Makes text of records with a formatter that may fail; the first failure is told of.

    Args:
        formatter: is asked for each batch, if it has `format_batch`, or else for each record.
    """

    def __init__(self, formatter: Formatter) -> None:
        self._formatter = formatter
        self._told = False

    def render(self, records: Sequence[Record]) -> list[str]:
        """Return one text for each record.

        A formatter that raises, or that returns something else than text, is asked again for each
        record alone; a record that it cannot format even then is printed plainly, with a mark.
        """
        # What goes wrong here is found out about record by record, below.
        with suppress(Exception):
            lines = self._formatter.format_batch(records)
            if type(lines) is list and len(lines) == len(records):  # noqa: SIM102 - the dear part
                if _TEXT.issuperset(map(type, lines)):
                    return lines
        return [self._render_one(record) for record in records]

    def _render_one(self, record: Record) -> str:
        try:
            line = self._formatter.format(record)
            if type(line) is str:
                return line
            fault = f"returned {type(line).__name__}"
        except Exception as error:  # noqa: BLE001 - a formatter's fault must not lose the record
            fault = type(error).__name__
        if not self._told:
            self._told = True
            name = type(self._formatter).__name__
            fallback.tell(f"{name} could not format a record: {fault}; others are not told of")
        label, message = (ascii(text)[1:-1] for text in (record.label, record.message))
        return f"[{label}]: {message} <unrenderable: {fault}>"
