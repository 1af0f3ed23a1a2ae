"""Hosts and ports as settings, and looking them up without holding up the loop."""

from __future__ import annotations

import asyncio
import re
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .writer import WriterThread

_HOST = re.compile(r"[^\s/\x00-\x1f\x7f]{1,255}")


def parse_host(host: object, name: str = "host") -> str:
    """Return *host*, a name or an address; an address of IPv6 may stand in brackets.

    Raises:
        ValueError: it is neither; the message names it.
    """
    if not isinstance(host, str) or _HOST.fullmatch(host) is None:
        raise ValueError(f"{name}: expected a host's name or address, got {host!r}")
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def parse_port(port: object, name: str = "port") -> int:
    """Return *port*.

    Raises:
        ValueError: it is not a whole number from 1 to 65,535; the message names it.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port <= 0xFFFF:  # noqa: PLR2004 - 16 bits
        raise ValueError(f"{name}: expected a whole number from 1 to 65535, got {port!r}")
    return port


def is_address(host: str) -> bool:
    """Whether *host* is an address already."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def look_up(host: str, port: int, thread: WriterThread) -> list[str]:
    """Return the addresses of *host*, in the order in which to try them.

    The system's resolver blocks, for long if a server does not answer; it gets a thread of its
    own, so that a hanging one holds up nothing else.

    Raises:
        OSError: there is no such host, or no answer.
    """
    if is_address(host):
        return [host]
    call = thread.submit(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    found = await asyncio.wrap_future(call)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
