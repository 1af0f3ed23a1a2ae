"""A position in the text of a pattern, which moves forward as its parts are read.

The scanner knows how a pattern is put together: text, braces, names, parts in inner braces, specs.
What a placeholder means is the business of `asynclog.formatters.grammar`.
"""

from __future__ import annotations

import re

import msgspec

from ..errors import PatternError
from .specs import Spec, parse_spec

_BRACE = re.compile(r"[{}]")
_NAME = re.compile(r"[A-Za-z0-9_.]*")
_EXAMPLES = ("", 0, 0.5)


class Extension(msgspec.Struct, frozen=True):
    """One part in inner braces: `{[:r}` has the kind `r` and the text `[`."""

    kind: str
    text: str
    """As it was written."""
    at: int
    """Where the text begins."""


class Extensions(dict[str, Extension]):
    """The parts in inner braces before a spec, by kind."""

    def text(self, kind: str) -> str | None:
        """Return the text of *kind*, with doubled braces made single; None if there is none."""
        if kind not in self:
            return None
        return self[kind].text.replace("{{", "{").replace("}}", "}")


class Scanner:
    """Reads *pattern* from *at* up to *end*."""

    def __init__(self, pattern: str, at: int = 0, end: int | None = None) -> None:
        self.pattern = pattern
        self.at = at
        self._end = len(pattern) if end is None else end

    @property
    def is_at_end(self) -> bool:
        """Whether everything has been read."""
        return self.at >= self._end

    def error(self, reason: str, position: int | None = None) -> PatternError:
        """Return the error for *position*, or for where the scanner stands."""
        return PatternError(reason, self.pattern, self.at if position is None else position)

    def is_next(self, text: str) -> bool:
        """Tell whether *text* comes next."""
        return self.pattern.startswith(text, self.at, self._end)

    def text(self) -> str:
        """Read up to the next placeholder, doubled braces as single ones."""
        pieces: list[str] = []
        while found := self._brace():
            pieces.append(self.pattern[self.at : found.start()])
            self.at = found.start()
            if not self.is_next(found[0] * 2):
                if found[0] == "}":
                    raise self.error("'}' closes nothing here: write '}}' for a brace")
                return "".join(pieces)
            pieces.append(found[0])
            self.at += 2
        pieces.append(self.pattern[self.at : self._end])
        self.at = self._end
        return "".join(pieces)

    def name(self) -> tuple[str, bool]:
        """Read an opening brace, a name, and the colon or brace behind it; True for the colon."""
        start = self.at
        found = _NAME.match(self.pattern, start + 1, self._end)
        name = found[0] if found else ""
        self.at = start + 1 + len(name)
        if self.is_at_end:
            raise self.error("this placeholder is never closed: expected '}'")
        character = self.pattern[self.at]
        if character not in ":}":
            raise self.error(
                f"{character!r} cannot stand in the name of a placeholder:"
                " allowed are ASCII letters, digits, '_' and '.'"
            )
        if not name:
            raise self.error("this placeholder has no name: write '{{' for a brace", start)
        self.at += 1
        return name, character == ":"

    def extensions(self, *kinds: str, nested: bool = False) -> Extensions:
        """Read parts in inner braces, each of *kinds* at most once, in any order.

        Args:
            *kinds: what may stand behind a part's last colon.
            nested: placeholders may stand inside, and doubled braces do not end a part.
        """
        found = Extensions()
        while self.is_next("{"):
            start = self.at
            extension = self._extension(kinds, nested=nested)
            if extension.kind in found:
                kind = extension.kind
                raise self.error(f"a second part with ':{kind}}}': only one is allowed", start)
            found[extension.kind] = extension
        return found

    def _extension(self, kinds: tuple[str, ...], *, nested: bool) -> Extension:
        start = at = self.at + 1
        depth = 0
        while found := self._brace(at):
            here, at = found.span()
            doubled = nested and self.pattern.startswith(found[0] * 2, here, self._end)
            if doubled and (found[0] == "{" or depth == 0):
                at += 1
            elif found[0] == "{":
                depth += nested
            elif depth:
                depth -= 1
            elif kind := self._kind_before(here, start, kinds):
                self.at = at
                return Extension(kind, self.pattern[start : here - len(kind) - 1], start)
        allowed = " ".join(f"':{kind}}}'" for kind in kinds)
        hint = ", and a type behind the last part" if nested else ""
        raise self.error(f"the part that opens here never ends: expected one of {allowed}{hint}")

    def _kind_before(self, here: int, start: int, kinds: tuple[str, ...]) -> str:
        ends = (kind for kind in kinds if self.pattern.endswith(f":{kind}", start, here))
        return next(ends, "")

    def balanced(self) -> str:
        """Read what stands in the braces that open here; braces inside must be balanced."""
        start, depth = self.at, 0
        while found := self._brace():
            self.at = found.end()
            depth += 1 if found[0] == "{" else -1
            if depth == 0:
                return self.pattern[start + 1 : self.at - 1]
        raise self.error("the part that opens here never ends: braces must be balanced", start)

    def spec(self) -> tuple[str, int]:
        """Read a spec and the brace behind it; return it, not yet checked, and where it begins."""
        found = self._brace()
        if found is None:
            raise self.error("this placeholder is never closed: expected '}'")
        if found[0] == "{":
            raise self.error("'{' cannot stand in a format spec: expected '}'", found.start())
        start, self.at = self.at, found.end()
        return self.pattern[start : found.start()], start

    def checked(self, text: str, at: int) -> Spec:
        """Return the spec *text*, which begins at *at*."""
        try:
            spec = parse_spec(text)
        except ValueError as error:
            raise self.error(str(error), at) from None
        if not (spec.is_date or spec.is_size or any(map(spec.fits, _EXAMPLES))):
            raise self.error(f"{text!r} suits no value: neither text nor a number", at)
        return spec

    def _brace(self, at: int | None = None) -> re.Match[str] | None:
        return _BRACE.search(self.pattern, self.at if at is None else at, self._end)
