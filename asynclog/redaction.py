"""Secrets are taken out of records before any formatter sees them.

By name: the value of an attribute called `password`, at any depth, is replaced whole.  By pattern:
what a regular expression finds in the message, in text values and in exceptions is replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from .errors import PatternError
from .formatters.exceptions import source_line
from .formatters.jsonable import MAX_DEPTH, MAX_NODES, SCALARS, TOO_DEEP, jsonable
from .stacked import StackedAttributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .protocols import Formatter
    from .records import Record
    from .tracebacks import ExceptionInfo, Frame

DEFAULT_KEYS = frozenset(
    {
        "access_key",
        "access_token",
        "api_key",
        "api_token",
        "apikey",
        "auth_token",
        "authorization",
        "client_secret",
        "cookie",
        "credentials",
        "csrf_token",
        "id_token",
        "passphrase",
        "passwd",
        "password",
        "private_key",
        "proxy_authorization",
        "pwd",
        "refresh_token",
        "secret",
        "secret_key",
        "session_token",
        "set_cookie",
        "token",
        "x_api_key",
        "x_auth_token",
        "x_csrf_token",
    }
)
"""Names whose values are secret; case does not matter, nor whether `-` or `_` is written."""

_NAMES = "|".join(sorted(name.replace("_", "[-_]?") for name in DEFAULT_KEYS))
DEFAULT_PATTERNS = {
    # The password in a URL: scheme://user:password@host
    r"://[^\s/?#:@\"']*:(?P<secret>[^\s/?#\"']+)@": "://",
    # An Authorization header: its value after the scheme
    r"\b(?i:bearer|basic|digest) +(?P<secret>[\w.~+/=-]{6,})": " ",
    # name=value, as in a query, a connection string or the repr of a call
    rf"(?<![A-Za-z0-9])(?i:{_NAMES})=(?P<secret>\"[^\"]*\"|'[^']*'|[^\s&,;\"')\]}}]+)": "=",
    # "name": "value", as in JSON or the repr of a dict
    rf"[\"'](?i:{_NAMES})[\"']\s*:\s*[bru]{{0,2}}(?P<secret>\"[^\"]*\"|'[^']*')": ":",
    # Name: value, as in a header written out
    r"(?i:authorization|cookie|set-cookie|x-api-key): *(?P<secret>[^\r\n]+)": ":",
}
"""What is secret wherever it stands in text: the group called `secret`.

Behind each pattern is what every match of it holds: text without that need not be searched.
"""

MASK = "***"
"""What stands for a secret."""


class Redactor:
    """Makes copies of records without their secrets.

    Args:
        keys: names beside `DEFAULT_KEYS`; a name must match as a whole.
        patterns: regular expressions beside `DEFAULT_PATTERNS`.  Replaced is what the group called
            `secret` matches, or all that matches where there is no such group.  They run on the
            event loop: one that backtracks without end would stall it.
        defaults: whether the default keys and patterns hold too.
        mask: what stands for a secret.

    Raises:
        PatternError: a pattern is no regular expression.
        TypeError: *keys* or *patterns* is a single string.
    """

    def __init__(
        self,
        keys: Iterable[str] = (),
        patterns: Iterable[str | re.Pattern[str]] = (),
        *,
        defaults: bool = True,
        mask: str = MASK,
    ) -> None:
        for option, value in (("keys", keys), ("patterns", patterns)):
            if isinstance(value, str):
                raise TypeError(f"{option}: expected a list of strings, got {value!r}")
        self.mask = mask
        self._keys = {_normal(key) for key in keys} | (DEFAULT_KEYS if defaults else set())
        hints: dict[str | re.Pattern[str], str] = {}
        if defaults:
            hints.update(DEFAULT_PATTERNS)
        hints.update(dict.fromkeys(patterns, ""))
        self._patterns = [(_compiled(pattern), hint) for pattern, hint in hints.items()]

    def redact(self, record: Record) -> Record:
        """Return *record* without its secrets: itself if it has none, else a copy."""
        changes: dict[str, Any] = {}
        for name, clean in (
            ("message", self.text),
            ("label", self.text),
            ("template", self._optional_text),
            ("attributes", self._attributes),
            ("exception", self._exception),
        ):
            value = getattr(record, name)
            cleaned = clean(value)
            if cleaned is not value:
                changes[name] = cleaned
        return msgspec.structs.replace(record, **changes) if changes else record

    def text(self, text: str) -> str:
        """Return *text* with every match of a pattern replaced: itself if there is none."""
        cleaned = text
        for pattern, hint in self._patterns:
            if hint in cleaned and pattern.search(cleaned):
                cleaned = pattern.sub(self._masked, cleaned)
        return text if cleaned == text else cleaned

    def _masked(self, match: re.Match[str]) -> str:
        """Return what *match* becomes: itself with its secret masked."""
        if "secret" not in match.re.groupindex:
            return self.mask
        start, end = (place - match.start() for place in match.span("secret"))
        return match[0] if start < 0 else f"{match[0][:start]}{self.mask}{match[0][end:]}"

    def is_secret(self, name: object) -> bool:
        """Tell whether the value called *name* is secret."""
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        return isinstance(name, str) and _normal(name) in self._keys

    def _optional_text(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def _attributes(self, attributes: dict[str, Any] | None) -> dict[str, Any] | None:
        if attributes is None:
            return None
        walk = _Walk(self)
        if isinstance(attributes, StackedAttributes):
            sources = [[walk.member(n, v) for n, v in one] for one in attributes.sources]
            return StackedAttributes(*sources)
        return walk.mapping(attributes, 0)

    def _exception(self, info: ExceptionInfo | None) -> ExceptionInfo | None:
        """Return *info* with the text of it and of all related exceptions cleaned."""
        if info is None:
            return None
        return msgspec.structs.replace(
            info,
            message=self.text(info.message),
            notes=tuple(map(self.text, info.notes)),
            frames=tuple(map(self._frame, info.frames)),
            cause=self._exception(info.cause),
            context=self._exception(info.context),
            members=tuple(filter(None, map(self._exception, info.members))),
        )

    def _frame(self, frame: Frame) -> Frame:
        """Return *frame*, with its line of source cleaned if that holds a secret."""
        source = source_line(frame)
        cleaned = self.text(source)
        return frame if cleaned is source else msgspec.structs.replace(frame, source=cleaned)


class _Walk:
    """One walk through the attributes of a record, which may be deep, wide or cyclic.

    Everything that holds no secret stays the same object.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._left = MAX_NODES

    def member(self, name: Any, value: object) -> tuple[Any, Any]:
        """Return a member of an object, its value masked if the name says that it is secret."""
        if value is not None and self._redactor.is_secret(name):
            return name, self._redactor.mask
        return name, self._value(value, 0)

    def mapping(self, values: dict[Any, Any], depth: int) -> dict[Any, Any]:
        """Return *values* without their secrets."""
        cleaned = {}
        for name, value in dict.items(values):
            if value is not None and self._redactor.is_secret(name):
                cleaned[name] = self._redactor.mask
            else:
                cleaned[name] = self._value(value, depth)
        same = all(cleaned[name] is value for name, value in dict.items(values))
        return values if same else cleaned

    def _value(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return self._redactor.text(value)
        if kind in SCALARS:
            return value
        self._left -= 1
        if depth >= MAX_DEPTH or self._left < 0:
            return TOO_DEEP  # not looked at, so not shown
        if kind is dict:
            return self.mapping(value, depth + 1)
        if kind is list or kind is tuple:
            return self._sequence(value, depth + 1)
        return self._foreign(value, depth)

    def _sequence(self, values: Any, depth: int) -> Any:
        """Return *values*, a list or a tuple, without their secrets."""
        kind = type(values)
        if len(values) == 2 and self._redactor.is_secret(values[0]):  # noqa: PLR2004 - a pair
            return kind((values[0], self._redactor.mask))
        cleaned = [self._value(value, depth) for value in values]
        same = all(new is old for new, old in zip(cleaned, values, strict=True))
        return values if same else kind(cleaned)

    def _foreign(self, value: Any, depth: int) -> Any:
        """Return *value*, or what shows of it, without secrets, if there are any in that."""
        shown: Any
        if issubclass(type(value), (bytes, bytearray)):
            shown = value.decode("utf-8", "backslashreplace")
        else:
            shown = jsonable(value, nonfinite="string")
        cleaned = self._value(shown, depth)
        return value if cleaned is shown else cleaned


class RedactingFormatter:
    """A formatter that never sees a secret.

    Args:
        inner: formats what is left.
        redactor: takes the secrets out.
    """

    def __init__(self, inner: Formatter, redactor: Redactor) -> None:
        self._inner = inner
        self._redactor = redactor
        self.needs_caller: bool = getattr(inner, "needs_caller", False)
        """Whether *inner* shows where a line was logged."""

    def format(self, record: Record, /) -> str:
        """Return the text of *record* without its secrets."""
        return self._inner.format(self._clean(record))

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return the texts of *records* without their secrets."""
        return self._inner.format_batch([self._clean(record) for record in records])

    def _clean(self, record: Record) -> Record:
        try:
            return self._redactor.redact(record)
        except Exception as error:  # noqa: BLE001 - rather a line without content than a secret
            return msgspec.structs.replace(
                record,
                message=f"<not shown: redaction failed with {type(error).__name__}>",
                template=None,
                attributes=None,
                exception=None,
            )


def redact(
    formatter: Formatter,
    *,
    keys: Iterable[str] = (),
    patterns: Iterable[str | re.Pattern[str]] = (),
    defaults: bool = True,
    mask: str = MASK,
) -> RedactingFormatter:
    """Return *formatter* behind a step that takes secrets out of each record.

    The record itself stays as it is, for handlers that may see all of it.

    Args:
        formatter: any formatter.
        keys: see `Redactor`.
        patterns: see `Redactor`.
        defaults: see `Redactor`.
        mask: see `Redactor`.

    Raises:
        PatternError: a pattern is no regular expression.
        TypeError: *keys* or *patterns* is a single string.
    """
    return RedactingFormatter(formatter, Redactor(keys, patterns, defaults=defaults, mask=mask))


def _normal(name: str) -> str:
    return str.casefold(name).replace("-", "_")


def _compiled(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    if isinstance(pattern, re.Pattern):
        return pattern
    try:
        return re.compile(pattern)
    except re.error as error:
        raise PatternError(f"pattern to redact: {error.msg}", pattern, error.pos or 0) from None
