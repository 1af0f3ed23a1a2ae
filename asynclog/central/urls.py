"""Where the server is, as one URL says it: pure.

An error shows nothing of the URL: a password with a stray `/` or `@` in it may be anywhere.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES: dict[str, tuple[str, bool]] = {
    "redis": ("single", False),
    "rediss": ("single", True),
    "valkey": ("single", False),
    "valkeys": ("single", True),
    "unix": ("unix", False),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
}
"""By scheme: what there is at the other end, and whether the way to it is encrypted."""
OPTIONS = ("db", "ca_file", "cert_file", "key_file")
"""What may stand behind the question mark."""
_PORTS = {"sentinel": 26379}
_PORT = 6379


class ServerURL(NamedTuple):
    """What a URL says, apart."""

    kind: Literal["single", "unix", "cluster", "sentinel"]
    hosts: tuple[tuple[str, int], ...] = ()
    tls: bool = False
    username: str | None = None
    password: str | None = None
    db: int = 0
    service: str | None = None
    """What the sentinels call the server."""
    path: str | None = None
    """Of the socket."""
    ca_file: str | None = None
    """Certificates of the authorities to trust; None for those of the system."""
    cert_file: str | None = None
    key_file: str | None = None

    @property
    def place(self) -> str:
        """Return where it is, without any secret, as an error or a `repr` may show it."""
        if self.path is not None:
            return self.path
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{hosts}/{self.service}" if self.service else hosts


def parse_url(url: object, *, beside: tuple[str, ...] = ()) -> ServerURL:
    """Return what *url* says.

    The forms are `redis://user:password@host:port/db`, `rediss://` the same over TLS,
    `unix:///path?db=0`, `redis+cluster://host:port,host:port` and
    `redis+sentinel://host:port,host:port/service`.

    Args:
        url: as it stands in a setting.
        beside: schemes of URLs that are for others, but could have stood there.

    Raises:
        ValueError: it cannot be used; the message shows no password.
    """
    if not isinstance(url, str):
        raise ValueError(f"url: expected text, got {type(url).__name__}")  # noqa: TRY004 - a setting's value
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("url: its host cannot be read") from None
    if parts.scheme not in SCHEMES:
        allowed = ", ".join(f"{scheme}://" for scheme in (*SCHEMES, *beside))
        shown = f", got {parts.scheme[:40]}://..." if "://" in url else ""
        raise ValueError(f"url: expected one of {allowed} at its beginning{shown}")
    kind, tls = SCHEMES[parts.scheme]
    login, _, hosts = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    found: dict[str, Any] = {
        "kind": kind,
        "tls": tls,
        "username": unquote(username) or None,
        "password": unquote(password) or None,
        **_options(parts.query),
    }
    if kind == "unix":
        found["path"] = unquote(parts.path)
        if not parts.path:
            raise ValueError("url: expected the path of a socket behind unix://")
    else:
        found["hosts"] = tuple(_host(one, _PORTS.get(kind, _PORT)) for one in hosts.split(","))
        found.update(_path(kind, unquote(parts.path).strip("/")))
    return ServerURL(**found)


def _path(kind: str, path: str) -> dict[str, Any]:
    """Return what stands behind the hosts: the name of a service, or the number of a database."""
    if kind == "sentinel":
        if not path:
            raise ValueError("url: expected the name of a service behind the sentinels' hosts")
        return {"service": path}
    if not path:
        return {}
    if kind == "cluster":
        raise ValueError("url: expected nothing behind the hosts of a cluster")
    return {"db": _number(path, "the number of a database", 0)}


def _options(query: str) -> dict[str, Any]:
    try:
        options: dict[str, Any] = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    except ValueError:
        raise ValueError("url: expected name=value pairs behind the question mark") from None
    for name in options:
        if name not in OPTIONS:
            raise ValueError(f"url: expected only {', '.join(OPTIONS)} as options")
    if "db" in options:
        options["db"] = _number(options["db"], "the number of a database", 0)
    return options


def _host(text: str, port: int) -> tuple[str, int]:
    """Return host and port that *text* names; an address of IPv6 stands in brackets."""
    bracketed, closing, behind = text.rpartition("]")
    host, colon, digits = behind.partition(":")
    host = bracketed.removeprefix("[") if closing else host
    if not host:
        raise ValueError("url: expected a host")
    return unquote(host), _number(digits, "a port", 1) if colon else port


def _number(text: str, what: str, least: int) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= 0xFFFF):  # noqa: PLR2004 - 16 bits
        raise ValueError(f"url: expected {what} from {least} to 65535")
    return int(text)
