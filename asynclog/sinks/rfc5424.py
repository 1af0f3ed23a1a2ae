"""Records as syslog messages of RFC 5424, with attributes as structured data: pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from .framing import one_line

if TYPE_CHECKING:
    from ..records import Batch, Record
    from .priorities import Priorities

SD_ID = "attributes@32473"
"""The usual name of the structured data, under the number reserved for examples."""
MAX_VALUE = 4096
"""Characters of one attribute's value; of a longer one, its length is told."""
MAX_NAME = 32
"""Characters of an attribute's name, as the RFC has it."""
MAX_PARAMETERS = 64
"""Attributes of one record."""

_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]")
_NOT_IN_NAME = re.compile(r"[^\x21-\x7e]|[=\]\"]")
_TO_ESCAPE = re.compile(r'[\\"\]]')
_SPECIAL = re.compile(r"[\\\"\]\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SD_NAME = re.compile(r'[^\x00-\x20=\]"\x7f-\U0010ffff]{1,32}')


class RFC5424:
    """Formats messages: `<14>1 2022-03-06T09:15:44.681220Z host app 4013 - [..] text`.

    Args:
        priorities: facility and severities.
        hostname: of this machine.
        identity: the program's name, APP-NAME.
        process_id: PROCID.
        sd_id: names the structured data; a private name holds `@` and an enterprise number.  None
            sends no structured data.
        bom: whether the byte order mark stands before the text, as the RFC wants it for UTF-8 and
            few receivers do.

    Raises:
        ValueError: *sd_id* cannot be used.
    """

    def __init__(
        self,
        priorities: Priorities,
        *,
        hostname: str,
        identity: str,
        process_id: int,
        sd_id: str | None = SD_ID,
        bom: bool = False,
    ) -> None:
        if sd_id is not None and _SD_NAME.fullmatch(sd_id) is None:
            raise ValueError(
                'sd_id: expected 1 to 32 printable ASCII characters without space, =, ] and ", '
                f"got {sd_id!r}"
            )
        self._priorities = priorities
        self._sd_id = sd_id
        self._origin = f"Z {word(hostname, 255)} {word(identity, 48)} {process_id} - "
        self._mark = " \ufeff" if bom else " "
        self._second = -1
        self._stamp = ""
        self._label = ""  # whose parameter `_begin` ends with
        self._begin = ""

    def format_batch(self, batch: Batch) -> list[str]:
        """Return a message for each line of *batch*."""
        return [
            self.format(record, line)
            for record, line in zip(batch.records, batch.lines, strict=True)
        ]

    def format(self, record: Record, line: str) -> str:
        """Return the message for *record*, whose text is *line*."""
        second, rest = divmod(record.time_ns, 1_000_000_000)
        if second != self._second:
            self._second = second
            self._stamp = datetime.fromtimestamp(second, UTC).strftime("1 %Y-%m-%dT%H:%M:%S.")
        return (
            f"{self._priorities.of(record.level)}{self._stamp}{rest // 1000:06d}{self._origin}"
            f"{self._data(record)}{self._mark}{one_line(line)}"
        )

    def _data(self, record: Record) -> str:
        if self._sd_id is None or not (record.label or record.attributes):
            return "-"
        if record.label != self._label:
            self._label = record.label
            self._begin = f'[{self._sd_id} label="{_escape(record.label)}"'
        begin = self._begin if record.label else f"[{self._sd_id}"
        if not record.attributes:
            return f"{begin}]"
        parameters = [
            f' {parameter_name(name)}="{_escape(_text(value))}"'
            for name, value in islice(record.attributes.items(), MAX_PARAMETERS)
        ]
        return f"{begin}{''.join(parameters)}]"


def word(text: str, longest: int) -> str:
    """Return *text* as a field of the header: printable ASCII without spaces, `-` for none."""
    return _NOT_PRINTABLE.sub("_", text)[:longest] or "-"


def parameter_name(name: object) -> str:
    """Return *name* as RFC 5424 allows it: 1 to 32 characters, what is not allowed as `_`."""
    if type(name) is str and name.isidentifier() and name.isascii() and len(name) <= MAX_NAME:
        return name
    return _NOT_IN_NAME.sub("_", _text(name))[:MAX_NAME] or "_"


def _text(value: Any) -> str:
    try:
        text = value if type(value) is str else str(value)
        text = str.__str__(text)
    except Exception as error:  # noqa: BLE001 - whatever a foreign __str__ does, the record is sent
        return f"<unprintable: {type(error).__name__}>"
    if len(text) > MAX_VALUE:
        return f"{text[:MAX_VALUE]}...[{len(text):,} characters]"
    return text


def _escape(text: str) -> str:
    r"""Escape what ends a value, and control characters in rsyslog's manner: LF is `#012`."""
    if _SPECIAL.search(text) is None:
        return text
    return _CONTROL.sub(_octal, _TO_ESCAPE.sub(r"\\\g<0>", text))


def _octal(match: re.Match[str]) -> str:
    return f"#{ord(match[0]):03o}"
