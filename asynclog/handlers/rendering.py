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


def render_lines(formatter: Formatter, records: Sequence[Record]) -> list[str]:
    """Return one text for each record.

    A formatter that raises, or that returns something else than text, is asked again for each
    record alone; a record that it cannot format even then is printed plainly, with a mark.
    """
    batch = getattr(formatter, "format_batch", None)
    if batch is not None:
        # What goes wrong here is found out about record by record, below.
        with suppress(Exception):
            lines = batch(records)
            if len(lines) == len(records) and _TEXT.issuperset(map(type, lines)):
                return lines  # type: ignore[no-any-return]
    return [_render(formatter, record) for record in records]


def _render(formatter: Formatter, record: Record) -> str:
    try:
        line = formatter.format(record)
        if type(line) is str:
            return line
        fault = f"returned {type(line).__name__}"
    except Exception as error:  # noqa: BLE001 - a formatter's fault must not lose the record
        fault = type(error).__name__
    fallback.tell(f"{type(formatter).__name__} could not format a record: {fault}")
    return f"[{ascii(record.label)[1:-1]}]: {ascii(record.message)[1:-1]} <unrenderable: {fault}>"
