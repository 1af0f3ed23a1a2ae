"""Where a store is, as one URL says it: pure."""

from __future__ import annotations

from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

STORE_SCHEMES = ("sqlite", "postgresql")
"""At the beginning of URLs of stores."""
_ALLOWED = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"


class StoreAddress(NamedTuple):
    """What the URL of a store says."""

    kind: Literal["sqlite", "postgresql"]
    path: str = ""
    """Of SQLite's file."""
    url: str = ""
    """Of PostgreSQL, with the password."""
    place: str = ""
    """Where it is, without any secret, as an error or a `repr` may show it."""


def parse_store_url(url: object) -> StoreAddress:
    """Return what *url* says.

    `sqlite:///events.db` is a path from the working directory, `sqlite:////var/events.db` one from
    the root.

    Raises:
        ValueError: it cannot be used; the message shows no password.
    """
    if not isinstance(url, str):
        raise ValueError(f"store: expected {_ALLOWED}, got {type(url).__name__}")  # noqa: TRY004 - a setting's value
    scheme, mark, rest = url.partition("://")
    if scheme == "sqlite" and mark:
        return _sqlite(rest)
    if scheme in ("postgresql", "postgres") and mark:
        return _postgresql(f"postgresql://{rest}")
    shown = f"{scheme[:40]}://..." if mark else repr(url[:40])
    got = f", got {shown}" if mark or "@" not in url else ""  # before it may stand a password
    raise ValueError(f"store: expected {_ALLOWED}{got}")


def is_store_url(url: str) -> bool:
    """Whether *url* names a store rather than a server in front of it."""
    return url.partition("://")[0] in ("sqlite", "postgresql", "postgres")


def _sqlite(rest: str) -> StoreAddress:
    path = unquote(rest[1:])
    if not rest.startswith("/") or not path or path == ":memory:" or "?" in rest:
        raise ValueError(f"store: expected sqlite:///PATH, got {'sqlite://' + rest!r}")
    if "\0" in path:
        raise ValueError(f"store: expected the path of a file, got {path!r}")
    return StoreAddress("sqlite", path=path, place=path)


def _postgresql(url: str) -> StoreAddress:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("store: the URL's host or port cannot be read") from None
    database = parts.path.strip("/")
    if not database:
        raise ValueError("store: expected the name of a database behind the host")
    host = parts.hostname or "local socket"
    return StoreAddress(
        "postgresql", url=url, place=f"{host}:{port}/{database}" if port else f"{host}/{database}"
    )
