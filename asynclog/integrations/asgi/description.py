"""What there is to say of a request before it is served, without its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...redaction import Redactor
    from .signatures import Scope

MAX_TEXT = 2_048
"""Characters of a path, a query or a header that are shown."""
NAMES = ("request_id", "method", "path", "query", "client", "host", "scheme", "http_version")
"""What can be told of a request."""
ON_EACH_LINE = ("request_id", "method", "path", "client")
"""What is told with each line of a request, unless others are asked for."""


class Description:
    """Tells of requests.

    Args:
        on_each_line: which of `NAMES` go with each line.
        headers: names of headers that the access line shows; case does not matter.
        redactor: takes the secrets out of paths, queries and headers; None shows them.

    Raises:
        ValueError: there is no such name.
    """

    def __init__(
        self, on_each_line: Iterable[str], headers: Iterable[str], redactor: Redactor | None
    ) -> None:
        if isinstance(headers, str):
            raise ValueError(f"headers: expected a list of names, got {headers!r}")  # noqa: TRY004
        self._on_each_line = tuple(on_each_line)
        for name in self._on_each_line:
            if name not in NAMES:
                raise ValueError(f"attributes: expected some of {', '.join(NAMES)}, got {name!r}")
        self._headers = {name.lower().encode("latin-1"): name.lower() for name in headers}
        self._redactor = redactor

    def on_each_line(self, scope: Scope, request_id: str) -> dict[str, Any]:
        """Return what each line of the request tells."""
        told = {name: self._value(name, scope, request_id) for name in self._on_each_line}
        return {name: value for name, value in told.items() if value is not None}

    def on_access_line(self, scope: Scope) -> dict[str, Any]:
        """Return what only the access line tells: the query, and the headers that were chosen."""
        told = {}
        query = self._query(scope)
        if query is not None:
            told["query"] = query
        if self._headers:
            for name, value in scope.get("headers", ()):
                known = self._headers.get(name)
                if known is not None:
                    told[f"header_{known.replace('-', '_')}"] = self._header(known, value)
        return told

    def path(self, scope: Scope) -> str:
        """Return the path, as it may be shown."""
        return self._shown(scope["path"])

    def _value(self, name: str, scope: Scope, request_id: str) -> Any:
        reader = _READERS.get(name)
        if reader is not None:
            return reader(scope)
        if name == "request_id":
            return request_id
        return self.path(scope) if name == "path" else self._query(scope)

    def _query(self, scope: Scope) -> str | None:
        query = scope.get("query_string", b"")
        if not query:
            return None
        text = query.decode("latin-1")
        if self._redactor is not None and "=" in text:
            text = "&".join(map(self._parameter, text.split("&", MAX_TEXT)))
        return self._shown(text)

    def _parameter(self, text: str) -> str:
        """Return one parameter of a query; its name may be written with escapes."""
        name, equals, _ = text.partition("=")
        assert self._redactor is not None  # noqa: S101 - asked for only where there is one
        if equals and self._redactor.is_secret(unquote_plus(name)):
            return f"{name}={self._redactor.mask}"
        return text

    def _header(self, name: str, value: bytes) -> str:
        if self._redactor is not None and self._redactor.is_secret(name):
            return self._redactor.mask
        return self._shown(value.decode("latin-1"))

    def _shown(self, text: str) -> str:
        """Return *text* without secrets, cut where it is too long.

        A secret that the cut would leave half of is found before, as far as is reasonable to look.
        """
        text = text if len(text) <= 2 * MAX_TEXT else text[: 2 * MAX_TEXT]
        if self._redactor is not None:
            text = self._redactor.text(text)
        return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."


def _client(scope: Scope) -> str | None:
    client = scope.get("client")
    if not client:
        return None  # as behind a Unix socket
    host, port = client
    if not port:
        return str(host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host(scope: Scope) -> str | None:
    values = [value for name, value in scope.get("headers", ()) if name == b"host"]
    return values[0].decode("latin-1")[:MAX_TEXT] if values else None


_READERS: dict[str, Callable[[Scope], str | None]] = {
    "method": lambda scope: scope.get("method"),
    "client": _client,
    "host": _host,
    "scheme": lambda scope: scope.get("scheme"),
    "http_version": lambda scope: scope.get("http_version"),
}
