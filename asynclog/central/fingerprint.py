"""Which group a line belongs to: pure.

By default that is told by the level, the logger or the label, the template, and the exceptions by
their types and the functions of the application that they went through.  What differs between two
occurrences of one fault does not count: values, line numbers, addresses, where it is installed.
"""

from __future__ import annotations

import os
import sysconfig
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from ..messages import text_of
from ..tracebacks import MAX_RELATED, walk_chain
from .event import FINGERPRINT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..protocols import Filter
    from ..records import Record
    from ..tracebacks import ExceptionInfo, Frame

VERSION = "1"
"""What fingerprints begin with; it changes when the default does, so that groups never mix."""
EXPLICIT = "x"
"""What those begin with that a call or a rule gave, without the default in them."""
DEFAULT = "{default}"
"""In a given fingerprint, stands for the default one."""
MAX_NAME = 200
"""Characters of the name of a group that is no fingerprint of ours."""
MAX_REMEMBERED = 512
"""Characters of a text whose digest is remembered."""
_CHARACTERS = 12
"""Of a digest, 5 bits each: of a million groups, two are the same by chance once in two million
systems.  It is the name of each group wherever groups are held, so it is short."""
_DIGITS = b"0123456789abcdefghjkmnpqrstvwxyz" * 8
"""By byte, a character for the lower 5 bits of it."""


class Rule(NamedTuple):
    """Gives a fingerprint to some lines."""

    when: Filter
    """Tells which; must not raise."""
    fingerprint: str
    """Any text; `{default}` in it stands for what it would be otherwise."""


class Fingerprint:
    """Tells of each record to which group it belongs.

    A call's own attribute `fingerprint` wins, then the first rule that matches, then the default.

    Args:
        *rules: in the order in which they are asked.
        logger: the application's name for its logger; it counts instead of the label where given.
        normalise: makes two messages equal that differ in values only; None takes them as they
            are.  Not asked where there is a template.
    """

    def __init__(
        self,
        *rules: Rule,
        logger: str = "",
        normalise: Callable[[str], str] | None = None,
    ) -> None:
        self._rules = rules
        self._logger = logger
        self._normalise = normalise

    @property
    def by_text(self) -> bool:
        """Whether level, label, template or message, and exception are all that is looked at.

        But for the attribute `fingerprint`, which a call may have.
        """
        return not self._rules

    def __call__(self, record: Record) -> str:
        """Return the fingerprint of *record*: a short text of letters, digits and a hyphen."""
        attributes = record.attributes
        if attributes and FINGERPRINT in attributes:
            return self._given(_text(attributes[FINGERPRINT]), record)
        for rule in self._rules:
            if rule.when(record):
                return self._given(rule.fingerprint, record)
        return self._default(record)

    def _given(self, text: str, record: Record) -> str:
        if DEFAULT in text:
            return _digest(VERSION, text.replace(DEFAULT, self._default(record)))
        return _digest(EXPLICIT, text)

    def _default(self, record: Record) -> str:
        text = record.template
        if text is None:
            text = record.message if self._normalise is None else self._normalise(record.message)
        source = self._logger or record.label
        if record.exception is not None:
            trace = "\n".join(_parts(record.exception))
            return _of_line.__wrapped__(record.level, source, text, trace)
        if len(text) > MAX_REMEMBERED:
            return _of_line.__wrapped__(record.level, source, text)
        return _of_line(record.level, source, text)


_DEFAULT = Fingerprint()


def fingerprint(record: Record) -> str:
    """Return the group of *record* as `Fingerprint` tells it by default, without any rules."""
    return _DEFAULT(record)


def storable(group: object) -> str:
    """Return *group*, or, if it cannot be the name of a group everywhere, the fingerprint of it.

    Args:
        group: what a rule of the application's own has made, or a call.
    """
    if (
        isinstance(group, str)
        and 0 < len(group) <= MAX_NAME
        and group.isprintable()
        and not group.startswith("~")  # what is no group has such names
    ):
        return group  # what is printable has an encoding, and no NUL in it
    return _digest(EXPLICIT, text_of(group))


def _text(value: object) -> str:
    """Return the text of an attribute, which may have several parts."""
    if type(value) in (list, tuple):
        return "\x1f".join(map(text_of, value[:MAX_RELATED]))  # type: ignore[index]
    return text_of(value)


@lru_cache(maxsize=4096)
def _of_line(level: int, source: str, text: str, trace: str = "") -> str:
    return _digest(VERSION, f"{level}\0{source}\0{text}\0{trace}")


def _digest(kind: str, text: str) -> str:
    data = text.encode("utf-8", "backslashreplace")
    digest = blake2b(data, digest_size=_CHARACTERS).digest()
    return f"{kind}-{digest.translate(_DIGITS).decode()}"


def _parts(info: ExceptionInfo, depth: int = 0) -> Iterator[str]:
    """Yield what tells the exceptions of a chain apart, newest first."""
    for one in walk_chain(info):
        yield f"{depth} {one.type}"
        yield from _places(one)
        for member in one.members:
            yield from _parts(member, depth + 1)


def _places(info: ExceptionInfo) -> Sequence[str]:
    """Return the functions that *info* went through, those of the application if there are any.

    A function that calls itself counts once, however deep it went.
    """
    own = [frame for frame in info.frames if _is_application(frame.file)] or info.frames
    places = [_place(frame) for frame in own]
    if info.omitted:  # so deep that it is a recursion of several functions
        return [*dict.fromkeys(places), *places[-1:]]
    return [one for one, before in zip(places, [None, *places], strict=False) if one != before]


def _place(frame: Frame) -> str:
    return f"{frame.module}:{frame.function}"


_STANDARD = {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib")}
_LIBRARIES = tuple(
    f"{path}{os.sep}" for path in sorted(_STANDARD | set(map(os.path.realpath, _STANDARD)))
)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


@lru_cache(maxsize=4096)
def _is_application(file: str) -> bool:
    """Whether *file* belongs to neither Python nor an installed package."""
    return not (
        file.startswith(("<frozen", *_LIBRARIES)) or any(part in file for part in _INSTALLED)
    )
