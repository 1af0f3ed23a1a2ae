"""Formatting that never loses a record, whatever the formatter does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import fallback
from ..typenames import short_name
from .ending import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..protocols import Formatter
    from ..records import Record

_TEXT = frozenset({str})


class Renderer:
    """Makes text of records with a formatter that may fail; the first failure is told of.

    Args:
        formatter: is asked for each batch, if it has `format_batch`, or else for each record.
        pass_on: takes a `KeyboardInterrupt` or `SystemExit` that was raised meanwhile, by a signal
            perhaps; None raises it at once.
    """

    def __init__(
        self, formatter: Formatter, pass_on: Callable[[BaseException], None] | None = None
    ) -> None:
        self._formatter = formatter
        self._pass_on = pass_on
        self._told = False

    def render(self, records: Sequence[Record]) -> list[str]:
        """Return one text for each record.

        A formatter that raises, or that returns something else than text, is asked again for each
        record alone; a record that it cannot format even then is printed plainly, with a mark.
        """
        try:
            lines = self._formatter.format_batch(records)
            if type(lines) is list and len(lines) == len(records):  # noqa: SIM102 - the dear part
                if _TEXT.issuperset(map(type, lines)):
                    return lines
        except BaseException as error:  # noqa: BLE001 - found out about record by record, below
            self._heed(error)
        return [self._render_one(record) for record in records]

    def _render_one(self, record: Record) -> str:
        try:
            line = self._formatter.format(record)
            if type(line) is str:
                return line
            fault = f"returned {short_name(type(line))}"
        except BaseException as error:  # noqa: BLE001 - must not lose the record, nor be met again
            self._heed(error)
            fault = short_name(type(error))
        if not self._told:
            self._told = True
            name = short_name(type(self._formatter))
            fallback.tell(f"{name} could not format a record: {fault}; others are not told of")
        label, message = (ascii(text)[1:-1] for text in (record.label, record.message))
        return f"[{label}]: {message} <unrenderable: {fault}>"

    def _heed(self, error: BaseException) -> None:
        """Let *error* go on its way if it is there to end the program."""
        if not isinstance(error, ENDING):
            return
        if self._pass_on is None:
            raise error
        self._pass_on(error)
