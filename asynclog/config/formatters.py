"""The formatters of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from ..levels import parse_level
from .model import FormatterPart

if TYPE_CHECKING:
    from ..protocols import Formatter
    from .model import Build


def severity_names(value: object) -> object:
    """Return *value*, names by number; the keys of an object are numbers, or names, in text.

    Raises:
        ValueError: a key is neither.
    """
    return {parse_level(k): name for k, name in value.items()} if isinstance(value, dict) else value


Names = tuple[str, ...] | dict[str, str]


class StringFormatter(FormatterPart, frozen=True, kw_only=True):
    """Lines laid out by a pattern."""

    pattern: str | None = None
    """Such as `{timestamp} {severity} [{label}]: {message}`; left out, the preset's."""
    preset: Literal["default", "proxmox", "syslog", "muduo", "muduo_local"] = "default"
    """A ready-made layout, where there is no pattern."""
    sevmap: Names | None = None
    """Names of levels: a list from level 0 on, or an object by level; left out, the usual ones."""
    multiline: Literal["escape", "indent"] = "escape"
    """What line breaks in messages become."""

    def make(self, build: Build) -> Formatter:
        """Return a `PatternFormatter`."""
        from ..formatters import PatternFormatter, presets  # noqa: PLC0415 - used only if wanted

        if self.pattern is not None and "{" not in self.pattern and "%(" in self.pattern:
            raise ValueError(
                "pattern: this is a format of the standard library:"
                " write {message} for %(message)s, {severity} for %(levelname)s,"
                " {timestamp} for %(asctime)s"
            )
        pattern = self.pattern
        layout = getattr(presets, self.preset.upper()) if pattern is None else pattern
        names: Any = severity_names(self.sevmap)
        return PatternFormatter(layout, names, self.multiline)


class Strftime(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a time is written."""

    strftime: str
    """A date format, with `%f` for microseconds."""
    gmtime: bool = True
    """Whether in UTC, or in the local zone."""


class JSONMutations(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Members that are written otherwise."""

    timestamp: str | None = None
    """A date format in UTC, with `%f` for microseconds."""
    severity: Names | None = None
    """Names of levels: a list from level 0 on, or an object by level."""


class JSON(FormatterPart, frozen=True, kw_only=True):
    """Lines of JSON, with the members of Blackhole unless another layout is named."""

    layout: Literal["blackhole", "flat", "otel", "ecs"] = "blackhole"
    """The fixed members."""
    routing: dict[str, tuple[str, ...] | str] = {}  # noqa: RUF012 - copied by the model
    """By JSON pointer, the names that go there; `"*"` stands for all that are named nowhere."""
    mapping: dict[str, str] = {}  # noqa: RUF012 - copied by the model
    """By name, the key to write in its place."""
    formatting: dict[str, str] = {}  # noqa: RUF012 - copied by the model
    """By name, a template such as `{:>8}`."""
    mutate: JSONMutations = JSONMutations()
    """How time and severity are written."""
    newline: bool = False
    """Whether each document has a line break of its own at its end."""
    unique: bool | None = None
    """Whether of attributes with one name only the first is written; left out, as the layout."""
    nonfinite: Literal["null", "string"] = "null"
    """What NaN and the infinities become."""

    def make(self, build: Build) -> Formatter:
        """Return a `JSONFormatter`."""
        from ..formatters import JSONFormatter  # noqa: PLC0415

        mutate = {
            "timestamp": self.mutate.timestamp,
            "severity": severity_names(self.mutate.severity),
        }
        return JSONFormatter(
            self.routing,
            self.mapping,
            self.formatting,
            {name: value for name, value in mutate.items() if value is not None},
            newline=self.newline,
            unique=self.unique,
            layout=self.layout,
            nonfinite=self.nonfinite,
        )


class TSKV(FormatterPart, frozen=True, kw_only=True):
    """Tab-separated pairs of key and value."""

    create: dict[str, str] = {}  # noqa: RUF012 - copied by the model
    """Constants, by name."""
    rename: dict[str, str] = {}  # noqa: RUF012 - copied by the model
    """By name, the key to write in its place."""
    remove: tuple[str, ...] = ()
    """Names that are not written."""
    mutate: dict[str, Strftime] = {}  # noqa: RUF012 - copied by the model
    """Times, by name."""

    def make(self, build: Build) -> Formatter:
        """Return a `TSKVFormatter`."""
        from ..formatters import TSKVFormatter  # noqa: PLC0415

        dates = {
            name: {"strftime": date.strftime, "gmtime": date.gmtime}
            for name, date in self.mutate.items()
        }
        return TSKVFormatter(self.create, self.rename, self.remove, dates)


class Logfmt(FormatterPart, frozen=True, kw_only=True):
    """Lines such as `time=... level=INFO msg="two words"`."""

    def make(self, build: Build) -> Formatter:
        """Return a `LogfmtFormatter`."""
        from ..formatters import LogfmtFormatter  # noqa: PLC0415

        return LogfmtFormatter()
