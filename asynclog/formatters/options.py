"""Options of formatters as a user or a file gives them: checked, with errors that say where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ..errors import PatternError


def refuse(option: str, allowed: str, value: object) -> NoReturn:
    """Raise the error of an option that cannot be used.

    Args:
        option: its name, with the way to the part that is wrong: `mutate.severity`.
        allowed: what it may be.
        value: what it is.

    Raises:
        PatternError: always.
    """
    text = value if isinstance(value, str) else repr(value)
    raise PatternError(f"{option}: expected {allowed}, got {value!r}"[:500], text[:200], 0)


def expect_bool(option: str, value: object) -> bool:
    """Return *value* if it is true or false."""
    return value if isinstance(value, bool) else refuse(option, "true or false", value)


def expect_text(option: str, value: object) -> str:
    """Return *value* if it is text."""
    return value if isinstance(value, str) else refuse(option, "a string", value)


def expect_mapping(option: str, value: object) -> Mapping[str, Any]:
    """Return *value* if it is a mapping with strings for keys; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        refuse(option, "an object (a mapping)", value)
    for key in value:
        expect_text(f"{option}: key", key)
    return value


def expect_strings(option: str, value: object) -> dict[str, str]:
    """Return *value* if it is a mapping of strings to strings; None is an empty one."""
    return {
        key: expect_text(f"{option}.{key}", text)
        for key, text in expect_mapping(option, value).items()
    }


def expect_names(option: str, value: object) -> tuple[str, ...]:
    """Return *value* if it is a list of strings."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        refuse(option, "a list of strings", value)
    return tuple(expect_text(f"{option}[{index}]", one) for index, one in enumerate(value))


def expect_known(option: str, value: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse a key of *value* that is not one of *known*."""
    for key in value:
        if key not in known:
            refuse(option, f"no other keys than {', '.join(known)}", key)
