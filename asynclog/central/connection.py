"""The way to the server: the one module that knows the client library.

The library would repeat a command by itself when a connection breaks, and carry it out twice; that
is turned off here, for repeating is the business of those who number what they send.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..errors import ServerError
from ..fallback import reason_of
from .closing import until
from .urls import ServerURL, parse_url

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT = 5.0
"""Seconds in which the server must have answered, unless told otherwise."""
MAX_REASON = 200
"""Characters kept of what the server said."""

Argument: TypeAlias = "str | bytes | int"


class Connection(Protocol):
    """A way to the server, made when it is first used, and made again when it has broken."""

    @property
    def place(self) -> str:
        """Where the server is, without any secret."""
        ...

    async def execute(self, *command: Argument) -> Any:
        """Return the server's answer to *command*; text in it is bytes.

        Raises:
            ServerError: it did not do so, or nobody knows whether it did.
        """
        ...

    async def execute_all(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Return the answers to *commands*, sent together; an error stands where its answer would.

        All keys in them must be of one shard.

        Raises:
            ServerError: nobody knows which of them were carried out.
        """
        ...

    def inherit(self) -> None:
        """Leave to the parent, in a forked child, what is open; the next command connects anew."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection; may be called twice."""
        ...


def connect(url: str, *, timeout: float = TIMEOUT, beside: tuple[str, ...] = ()) -> Connection:
    """Return a connection to the server at *url*; nothing is sent yet.

    Args:
        url: see `asynclog.central.urls.parse_url`.
        timeout: seconds for connecting, and for each answer.
        beside: see `asynclog.central.urls.parse_url`.

    Raises:
        ValueError: *url* cannot be used, or the client library is not installed; the message shows
            no password.
    """
    where = parse_url(url, beside=beside)
    try:
        import redis.asyncio  # noqa: F401, PLC0415 - optional, and takes long to load
    except ImportError:
        raise ValueError(
            "central events need the package redis: install asynclog-toolkit[redis]"
        ) from None
    return _Connection(where, timeout)


class _Connection:
    """A `Connection` through redis-py."""

    def __init__(self, where: ServerURL, timeout: float) -> None:
        self._where = where
        self._timeout = timeout
        self._client = _client(where, timeout)
        self._parents: list[Any] = []  # kept, for to be destroyed would close what is the parent's
        self.place = where.place
        """Where the server is, without any secret."""

    async def execute(self, *command: Argument) -> Any:
        """See `Connection`."""
        try:
            return await self._client.execute_command(*command)
        except Exception as error:  # noqa: BLE001 - the library has many kinds, all of them a failure
            raise self._failure(error) from None

    async def execute_all(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """See `Connection`."""
        if self._where.kind == "cluster":
            return [await self._answer(command) for command in commands]
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                answers = await pipeline.execute(raise_on_error=False)
        except Exception as error:  # noqa: BLE001 - as above
            raise self._failure(error) from None
        return [self._failure(one) if isinstance(one, Exception) else one for one in answers]

    async def _answer(self, command: Sequence[Argument]) -> Any:
        try:
            return await self.execute(*command)
        except ServerError as error:
            return error

    def inherit(self) -> None:
        """See `Connection`."""
        self._parents.append(self._client)
        self._client = _client(self._where, self._timeout)

    async def aclose(self) -> None:
        """See `Connection`."""
        deadline = asyncio.get_running_loop().time() + self._timeout
        closing = [one.aclose() for one in (self._client, *_sentinels_of(self._client))]
        # They are not needed any more, whatever is wrong with them.
        await until(deadline, asyncio.gather(*closing, return_exceptions=True))

    def _failure(self, error: Exception) -> ServerError:
        """Return what *error* of the library means, without secrets."""
        code, reason = _code_of(error), _clean(error, self._where.password)
        return ServerError(code, f"{self.place}: {reason}")

    def __repr__(self) -> str:
        return f"Connection({self.place})"


def _client(where: ServerURL, timeout: float) -> Any:
    """Return the library's client for *where*."""
    from redis.asyncio.retry import Retry  # noqa: PLC0415 - see connect
    from redis.backoff import NoBackoff  # noqa: PLC0415

    options: dict[str, Any] = {
        "username": where.username,
        "password": where.password,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        **_tls(where),
    }
    return _CLIENTS[where.kind](where, options)


def _tls(where: ServerURL) -> dict[str, Any]:
    if not where.tls:
        return {}
    return {
        "ssl": True,
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
        "ssl_ca_certs": where.ca_file,
        "ssl_certfile": where.cert_file,
        "ssl_keyfile": where.key_file,
    }


def _single(where: ServerURL, options: dict[str, Any]) -> Any:
    from redis.asyncio import Redis  # noqa: PLC0415 - see connect

    if where.path is not None:
        return Redis(unix_socket_path=where.path, db=where.db, **options)
    ((host, port),) = where.hosts[:1]
    return Redis(host=host, port=port, db=where.db, **options)


def _cluster(where: ServerURL, options: dict[str, Any]) -> Any:
    from redis.asyncio.cluster import ClusterNode, RedisCluster  # noqa: PLC0415 - see connect

    nodes = [ClusterNode(host, port) for host, port in where.hosts]
    return RedisCluster(startup_nodes=nodes, require_full_coverage=False, **options)


def _sentinel(where: ServerURL, options: dict[str, Any]) -> Any:
    from redis.asyncio.sentinel import Sentinel  # noqa: PLC0415 - see connect

    watchers: Any = Sentinel  # has no annotations
    found = watchers(where.hosts, sentinel_kwargs=_of_sentinel(options), **options)
    return found.master_for(where.service, db=where.db)


def _sentinels_of(client: Any) -> list[Any]:
    """Return the clients by which the library asks the sentinels; it never closes them itself."""
    manager = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    return [] if manager is None else list(manager.sentinels)


def _of_sentinel(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options for the sentinels themselves, which have other users."""
    return {name: one for name, one in options.items() if name not in ("username", "password")}


_CLIENTS = {"single": _single, "unix": _single, "cluster": _cluster, "sentinel": _sentinel}


def _code_of(error: Exception) -> str:
    """Return the first word of the server's answer, or what it was instead of an answer."""
    from redis import exceptions  # noqa: PLC0415 - see connect

    kinds = {
        exceptions.NoScriptError: "NOSCRIPT",
        exceptions.BusyLoadingError: "LOADING",
        exceptions.ReadOnlyError: "READONLY",
        exceptions.OutOfMemoryError: "OOM",
        exceptions.AuthenticationError: "AUTH",
        exceptions.NoPermissionError: "NOPERM",
        exceptions.MovedError: "MOVED",
        exceptions.AskError: "ASK",
        exceptions.ClusterDownError: "CLUSTERDOWN",
        exceptions.TimeoutError: "TIMEOUT",
        exceptions.ResponseError: "",
        TimeoutError: "TIMEOUT",
    }
    for kind, code in kinds.items():
        if isinstance(error, kind):
            word = str(error).partition(" ")[0]
            return code or (word if word.isupper() else "ERR")
    return "CONNECTION"


def _clean(error: Exception, password: str | None) -> str:
    """Return one line about *error* without the password."""
    reason = reason_of(error)
    if password:
        reason = reason.replace(password, "***")
    return reason[:MAX_REASON]
