"""Facility and severity: the number that begins a syslog message, RFC 5424 section 6.2.1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ..levels import Level, parse_level

_FACILITIES = """
    kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock
    local0 local1 local2 local3 local4 local5 local6 local7
"""
_SEVERITIES = "emerg alert crit err warning notice info debug"

FACILITIES: dict[str, int] = {name: number for number, name in enumerate(_FACILITIES.split())}
"""Facility by name."""
SEVERITIES: dict[str, int] = {name: number for number, name in enumerate(_SEVERITIES.split())}
"""Severity by name; the most severe is 0."""
DEFAULT_SEVERITIES: dict[int, str] = {
    Level.CRITICAL: "crit",
    Level.ERROR: "err",
    Level.WARNING: "warning",
    Level.INFO: "info",
    0: "debug",
}
"""The severity of records from a level up."""

SeverityMap: TypeAlias = Mapping[int | str, int | str] | Callable[[int], int | str]


class Priorities:
    """Makes the priority of a record, `<134>`, from its level.

    Args:
        facility: a name such as `"local0"`, or its number.
        severity: a mapping from levels, numbers or names, to the severity from that level up, by
            name or number; or a callable that returns the severity of a level.  None is the usual
            one: `err` for ERROR, and so on.

    Raises:
        ValueError: an argument cannot be used; the message names it, its value and what is allowed.
    """

    def __init__(self, facility: int | str = "user", severity: SeverityMap | None = None) -> None:
        self._base = _number(facility, FACILITIES, "facility") * 8
        self._severity = severity if callable(severity) else _steps(severity or DEFAULT_SEVERITIES)
        self._known: dict[int, str] = {}

    def of(self, level: int) -> str:
        """Return `<PRI>` for *level*."""
        priority = self._known.get(level)
        if priority is None:
            priority = f"<{self._base + self._severity_of(level)}>"
            if len(self._known) < 256:  # noqa: PLR2004 - a bound, should levels come from outside
                self._known[level] = priority
        return priority

    def _severity_of(self, level: int) -> int:
        try:
            return _number(self._severity(level), SEVERITIES, "severity")
        except Exception:  # noqa: BLE001 - a foreign callable's fault must not lose the line
            return _steps(DEFAULT_SEVERITIES)(level)


def _steps(mapping: Mapping[int, str] | Mapping[int | str, int | str]) -> Callable[[int], int]:
    """Return the function that finds the step of *mapping* at or below a level."""
    steps = sorted(
        (
            (parse_level(level), _number(name, SEVERITIES, "severity"))
            for level, name in mapping.items()
        ),
        reverse=True,
    )

    def severity(level: int) -> int:
        return next((number for least, number in steps if level >= least), SEVERITIES["debug"])

    return severity


def _number(value: int | str, names: dict[str, int], what: str) -> int:
    if isinstance(value, str) and value in names:
        return names[value]
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return value
    raise ValueError(
        f"{what}: expected a number below {len(names)} or one of {', '.join(names)}, got {value!r}"
    )
