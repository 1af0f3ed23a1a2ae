"""What becomes of a line: the way through a configuration as a tree, and one record on that way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..levels import level_name, parse_level
from ..thresholds import Thresholds
from .handlers import Blocking, lanes
from .model import ALL_LEVELS, Part, Settings
from .problems import show
from .registry import FAMILIES, noun_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..records import Record
    from .handlers import Way
    from .loading import Loaded
    from .model import FilterPart, HandlerPart, SinkPart
    from .registry import Registry


LONGEST = 500
"""Characters of an option that are shown."""


class Branch(msgspec.Struct):
    """A line of a tree, with those below it."""

    text: str
    branches: list[Branch] = []
    mark: str = ""
    """What becomes of a record here: `stopped`, `written`, or nothing."""


def render(branch: Branch) -> Iterator[tuple[str, str]]:
    """Yield the lines of a tree, each with its mark."""
    yield branch.text, branch.mark
    for index, one in enumerate(branch.branches):
        is_last = index == len(branch.branches) - 1
        first, rest = ("└── ", "    ") if is_last else ("├── ", "│   ")
        for number, (text, mark) in enumerate(render(one)):
            yield f"{rest if number else first}{text}", mark


class Explainer:
    """Explains one configuration.

    Args:
        loaded: what was read.
        registry: the names of types.
    """

    def __init__(self, loaded: Loaded, registry: Registry) -> None:
        self._loaded = loaded
        self._names = {
            model: name for family in FAMILIES for name, model in registry.models(family)
        }

    def route(self, logger: str, record: Record | None = None) -> Branch:
        """Return the tree of *logger*, with what becomes of *record* where it is given."""
        settings = self._loaded.config.settings
        handlers = self._loaded.config.loggers[logger]
        title = f"{logger}{self._options(settings)}"
        filters = [] if settings.filter is None else [self._tree(settings.filter)]
        stopped = "" if record is None else self._refused(settings, record)
        if stopped:
            return Branch(title, [*filters, Branch(stopped, mark="stopped")])
        return Branch(title, [*filters, *(self._handler(one, record) for one in handlers)])

    def _refused(self, settings: Settings, record: Record) -> str:
        """Return why the logger itself does not take *record*, or nothing."""
        common = ALL_LEVELS if settings.level is None else parse_level(settings.level)
        wanted = Thresholds(common, settings.levels).level_of(record.label)
        if record.level < wanted:
            return f"stopped: labels such as {show(record.label)} have level {level_name(wanted)}"
        if settings.filter is not None and not self._loaded.maker.make(settings.filter)(record):
            return f"stopped by {self._title(settings.filter)}"
        return ""

    def _handler(self, part: HandlerPart, record: Record | None) -> Branch:
        if not isinstance(part, Blocking):
            return Branch(self._title(part))
        formatter = self._tree(part.formatter)
        filters = [] if part.filter is None else [self._tree(part.filter)]
        sinks = [self._tree(sink) for sink in part.sinks]
        spare = [] if part.fallback is None else [Branch("fallback", [self._tree(part.fallback)])]
        branch = Branch(self._title(part), [*filters, formatter, *sinks, *spare])
        if not sinks:
            branch.branches.append(Branch("no sinks: lines are formatted and thrown away"))
        if record is not None:
            self._follow(part, record, sinks)
        return branch

    def _follow(self, part: Blocking, record: Record, branches: list[Branch]) -> None:
        """Put what becomes of *record* below the branch of each sink."""
        handlers = self._loaded.maker.make(part)
        text = handlers[0].formatter.format(record)
        known = {id(sink): branch for sink, branch in zip(part.sinks, branches, strict=True)}
        for way in [way for lane in lanes(part) for way in lane.ways]:
            reason = self._stopped(part, way, record)
            outcome = Branch(reason, mark="stopped") if reason else Branch(text, mark="written")
            if id(way.outer) in known:
                known[id(way.outer)].branches.append(outcome)

    def _stopped(self, part: Blocking, way: Way, record: Record) -> str:
        """Return what keeps *record* from the sink at the end of *way*, or nothing."""
        if part.level is not None and record.level < parse_level(part.level):
            return f"stopped by the handler's level, {part.level}"
        common = () if part.filter is None else (part.filter,)
        for one in (*common, *way.filters):
            if not self._loaded.maker.make(one)(record):
                return f"stopped by {self._title(one)}"
        return ""

    def _tree(self, part: FilterPart | SinkPart | Part) -> Branch:
        inner = [one for _, value in _fields(part) for one in _parts_in(value)]
        return Branch(self._title(part), [self._tree(one) for one in inner])

    def _title(self, part: Part) -> str:
        name = self._names.get(type(part), type(part).__name__)
        return f"{noun_of(type(part))} {name}{self._options(part)}"

    def _options(self, part: Any) -> str:
        """Return the options of *part* that were set, as text."""
        shown = [
            f" {name}={self._shown(value, name)}"
            for name, value in _fields(part)
            if not list(_parts_in(value))
        ]
        return "".join(shown)

    def _shown(self, value: Any, name: str) -> str:
        if isinstance(value, msgspec.Struct):
            return f"({self._options(value).strip()})"
        if isinstance(value, (tuple, list)):
            return f"[{', '.join(self._shown(one, name) for one in value)}]"
        if isinstance(value, dict):
            pairs = (f"{key}: {self._shown(one, key)}" for key, one in value.items())
            return f"{{{', '.join(pairs)}}}"
        return show(self._loaded.maker.raw(value), name, LONGEST)


def _fields(part: Any) -> list[tuple[str, Any]]:
    """Return name and value of the options of *part* that are not the default."""
    return [
        (field.name, getattr(part, field.name))
        for field in msgspec.structs.fields(type(part))
        if field.required or getattr(part, field.name) != _default(field)
    ]


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _parts_in(value: Any) -> Iterator[Part]:
    if isinstance(value, Part):
        yield value
    elif isinstance(value, tuple):
        yield from (one for one in value if isinstance(one, Part))
