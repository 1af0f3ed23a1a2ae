"""`PatternFormatter`: lines laid out as a pattern says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..errors import PatternError
from .compiler import Context, compile_tokens
from .cutting import MAX_FIELD
from .escaping import is_safe
from .fields import uses_caller
from .grammar import parse
from .multiline import WAYS
from .presets import DEFAULT, Preset
from .severity import SeverityNames, severity_namer
from .values import Faults, show_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..records import Record


class PatternFormatter:
    """Formats records by a pattern such as `{timestamp} {severity} [{label}]: {message}`.

    The language is described in docs/reference/patterns.md.  The pattern is compiled here, once.
    Whatever comes from a user is escaped, so that one record is one line; the text of the pattern
    itself is not.  An exception that the pattern does not show is added to its line.

    Args:
        pattern: the layout, or a preset.
        severity: names of severities; None for those of the preset, or of `asynclog.Level`.
        multiline: `escape` prints every record on one line; `indent` keeps the line breaks of
            messages and exceptions, and indents the lines that follow the first.

    Raises:
        PatternError: an argument cannot be used; the error points at the place in the pattern.
    """

    def __init__(
        self,
        pattern: str | Preset = DEFAULT,
        severity: SeverityNames | None = None,
        multiline: Literal["escape", "indent"] = "escape",
    ) -> None:
        preset = Preset(pattern) if isinstance(pattern, str) else pattern
        if not isinstance(preset, Preset):
            raise PatternError(f"pattern: expected text or a preset, got {pattern!r}", "", 0)
        self.pattern = preset.pattern
        """The text of the pattern."""
        tokens = parse(self.pattern)
        self.needs_caller = preset.needs_caller or any(map(uses_caller, tokens))
        """Whether records must carry the file, line and function of the call."""
        self._read = preset.message
        self._faults = Faults()
        self._show = show_plain(self._faults)
        try:
            self._way = WAYS[multiline]
            namer = severity_namer(preset.severity if severity is None else severity)
        except KeyError:
            reason = f"multiline: expected one of {', '.join(WAYS)}, got {multiline!r}"
            raise PatternError(reason, self.pattern, 0) from None
        except ValueError as error:
            raise PatternError(str(error), self.pattern, 0) from None
        context = Context(namer, self._way.exception, self._way.tail, self._rescue, self._faults)
        self._render = compile_tokens(tokens, context)

    def __repr__(self) -> str:
        return f"PatternFormatter({self.pattern!r})"

    @property
    def missing(self) -> int:
        """How many attributes were printed as `<missing:name>`."""
        return self._faults.missing

    @property
    def unrenderable(self) -> int:
        """How many values were printed as `<unrenderable: Type>`."""
        return self._faults.unrenderable

    def format(self, record: Record, /) -> str:
        """Return the text of one record, without a line break at its end."""
        return self.format_batch([record])[0]

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return the texts of *records*, in their order."""
        return self._render(records, self._messages(records))

    def _messages(self, records: Sequence[Record]) -> list[str] | None:
        """Return the safe texts of messages, or None where the records' own are safe.

        Almost always one look at all of them together is enough.
        """
        read = self._read
        messages = [record.message for record in records] if read is None else [*map(read, records)]
        try:
            together = "".join(messages)
        except TypeError:  # a message that is no text
            messages = list(map(self._show, messages))
        else:
            if len(together) <= MAX_FIELD and is_safe(together):
                return messages if self._read else None
        return [self._way.message(message) for message in messages]

    def _rescue(self, record: Record, message: str, error: Exception) -> str:
        """Return the line of a record whose own parts are broken."""
        self._faults.unrenderable += 1
        return f"<unrenderable: Record, {type(error).__name__}> {message}"
