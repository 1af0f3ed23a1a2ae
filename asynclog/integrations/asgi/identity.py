"""A name for each request: taken from a header that can be trusted to be one, or made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_ID = 128
"""The longest id, in characters, that is taken from a header."""
_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:+/=@~-]{{0,{MAX_ID - 1}}}".encode())
"""What ids look like: UUIDs, ULIDs, Base64, `Root=1-67891233-abcdef`, W3C trace contexts.

Nothing of it means anything to a terminal, a log format or a header, so that an id can go as it is
into all of them.
"""


class RequestIds:
    """Finds or makes the ids of requests.

    Args:
        header: the name of the header that may hold one, in lower case; None takes no header.
        make: makes an id; none that it returns should come again.
    """

    def __init__(self, header: bytes | None, make: Callable[[], str]) -> None:
        self._header = header
        self._make = make

    def of(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Return the id that *headers* hold, if it looks like one, or else a new one."""
        for name, value in headers:
            if name == self._header and _ID.fullmatch(value):
                return value.decode("ascii")
        return self._make()


class Labels:
    """Gives each request a label that no other has at the same time.

    Clients may send the same id again, as when they try again; two requests under one label would
    come out mixed.

    Args:
        make: makes what keeps two requests apart.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._in_use: set[str] = set()

    def take(self, wanted: str) -> str:
        """Return *wanted*, or, while it is in use, *wanted* and what keeps it apart."""
        label = wanted
        while label in self._in_use:
            label = f"{wanted}#{self._make()}"
        self._in_use.add(label)
        return label

    def give_back(self, label: str) -> None:
        """Let *label* be taken again."""
        self._in_use.discard(label)
