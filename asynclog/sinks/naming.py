"""What the archives of a rolling file are called, and which names are theirs: pure.

A name says all that retention needs, so that nothing but the directory must be remembered; and a
file of any other name is never touched.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import tzinfo

COMPRESSED_SUFFIXES = (".gz", ".zst")
"""What compression appends to the name of an archive."""
UNFINISHED_SUFFIX = ".tmp"
"""What stands behind the name of a file that compression has not finished."""

_STAMP = "%Y%m%d-%H%M%S"
_COMPRESSED = "(?P<compressed>" + "|".join(map(re.escape, COMPRESSED_SUFFIXES)) + ")?"
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{2,6})?")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class ArchiveName(NamedTuple):
    """A name, taken apart.  Archives sort by age: the oldest is the smallest."""

    order: tuple[int, int]
    """By what this naming counts: seconds since the epoch and a number, or a number alone."""
    name: str
    """As it stands in the directory."""
    plain: str
    """The same without what compression appended."""
    begun: int | None = None
    """Seconds since the epoch, where the name tells them."""

    @property
    def compressed(self) -> bool:
        """Whether it is the name of a compressed archive."""
        return self.name != self.plain


class Naming(Protocol):
    """Gives archives their names, and knows them again."""

    def next_name(self, begun_ns: int, taken: Collection[str]) -> str:
        """Return a name for a new archive that no file of *taken* has, compressed or not.

        Args:
            begun_ns: when the file was begun, nanoseconds since the epoch.
            taken: all names in the directory.
        """
        ...

    def parse(self, name: str) -> ArchiveName | None:
        """Return the parts of *name*, or None if this naming does not make such names."""
        ...


def log_file_name(
    base: str,
    time_ns: int,
    host: str,
    process_id: int,
    *,
    zone: tzinfo | None = UTC,
    number: int = 0,
    suffix: str = ".log",
) -> str:
    """Return a name in the manner of muduo: `base.20220306-091544.host.4013.log`.

    Args:
        base: what the name begins with.
        time_ns: nanoseconds since the epoch.
        host: the machine's name; what could not stand in a file name becomes `_`.
        process_id: of the writer.
        zone: of the time in the name; outside of UTC it carries its offset, because one local
            time can come twice.  None is the zone of this machine.
        number: tells files of one second apart; 0 is not written.
        suffix: what the name ends with.
    """
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    if zone is not UTC:
        moment = moment.astimezone(zone)
    stamp = moment.strftime(_STAMP if zone is UTC else f"{_STAMP}%z")
    counted = f".{number}" if number else ""
    return f"{base}.{stamp}.{_UNSAFE.sub('_', host)}.{process_id}{counted}{suffix}"


class TimestampNaming:
    """Names with the time at which the file was begun, the host and the process.

    Args:
        stem: the file's own name without its suffix.
        suffix: the rest of it, such as `.log`.
        host: the machine's name.
        process_id: of this process; archives of others on the same host are known again.
        zone: see `log_file_name`.
    """

    def __init__(
        self, stem: str, suffix: str, host: str, process_id: int, zone: tzinfo | None = UTC
    ) -> None:
        self._stem = stem
        self._suffix = suffix
        self._host = host
        self._process_id = process_id
        self._zone = zone
        self._pattern = re.compile(
            rf"(?P<plain>{re.escape(stem)}\.(?P<stamp>[0-9]{{8}}-[0-9]{{6}}(?:[+-][0-9]{{4,}})?)"
            rf"\.{re.escape(_UNSAFE.sub('_', host))}\.[0-9]+"
            rf"(?:\.(?P<number>[0-9]+))?{re.escape(suffix)}){_COMPRESSED}"
        )

    def next_name(self, begun_ns: int, taken: Collection[str]) -> str:
        """Return the name for the time *begun_ns*; numbered, if there is one of that second."""
        number = 0
        while True:
            name = log_file_name(
                self._stem,
                begun_ns,
                self._host,
                self._process_id,
                zone=self._zone,
                number=number,
                suffix=self._suffix,
            )
            if _is_free(name, taken):
                return name
            number += 1

    def parse(self, name: str) -> ArchiveName | None:
        """Return the parts of *name*, if a process on this host could have made it."""
        match = self._pattern.fullmatch(name)
        moment = _parse_stamp(match["stamp"]) if match else None
        if match is None or moment is None:
            return None
        return ArchiveName((moment, int(match["number"] or 0)), name, match["plain"], moment)


class NumberNaming:
    """Names with a number that grows: `app.log.1` is older than `app.log.2`.

    Nothing is renamed a second time, so that a name means the same lines for ever.

    Args:
        name: the file's own name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._pattern = re.compile(
            rf"(?P<plain>{re.escape(name)}\.(?P<number>[1-9][0-9]*)){_COMPRESSED}"
        )

    def next_name(self, begun_ns: int, taken: Collection[str]) -> str:
        """Return the name with the number above the highest."""
        numbers = [found.order[0] for name in taken if (found := self._parse_any(name))]
        number = max(numbers, default=0) + 1
        while self.parse(f"{self._name}.{number}") is None:
            number += 1
        return f"{self._name}.{number}"

    def parse(self, name: str) -> ArchiveName | None:
        """Return the parts of *name*, if it is the file's own with a number behind it.

        A date, as of `app.log.20220306`, is no number: other programs make such names.
        """
        match = self._pattern.fullmatch(name)
        if match is None or _DATE.fullmatch(match["number"]):
            return None
        return ArchiveName((int(match["number"]), 0), name, match["plain"])

    def _parse_any(self, name: str) -> ArchiveName | None:
        """Return the parts of *name*, also of one that compression has not finished."""
        return self.parse(name.removesuffix(UNFINISHED_SUFFIX))


def _is_free(name: str, taken: Collection[str]) -> bool:
    suffixes = ("", *COMPRESSED_SUFFIXES)
    return not any(
        name + suffix in taken or name + suffix + UNFINISHED_SUFFIX in taken for suffix in suffixes
    )


def _parse_stamp(stamp: str) -> int | None:
    """Return the seconds since the epoch that *stamp* names, or None if there is no such time."""
    try:
        if len(stamp) > len("20220306-091544"):
            return int(datetime.strptime(stamp, f"{_STAMP}%z").timestamp())
        return int(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
