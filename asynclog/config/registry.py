"""Which types of handlers, formatters, filters and sinks there are, by name."""

from __future__ import annotations

import inspect
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_type_hints

import msgspec

from .model import FilterPart, FormatterPart, HandlerPart, Part, SinkPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .model import Build

Family: TypeAlias = type[Part]
FAMILIES: tuple[Family, ...] = (HandlerPart, FormatterPart, FilterPart, SinkPart)
"""The kinds of parts, in the order in which a file nests them."""


class Registry:
    """The types that a configuration may name.

    A type is a model, a frozen subclass of `SinkPart` and its like with a method `make`; or any
    class or function, whose keyword arguments then are the options:

        registry = Registry()
        registry.add_sink("kafka", KafkaSink)
        load_config("logging.toml", registry=registry)

    Packages add types of their own by the entry points `asynclog.sinks`, `asynclog.formatters`,
    `asynclog.filters` and `asynclog.handlers`; they are loaded when a file names them.

    Args:
        plugins: whether types from entry points are known.
    """

    def __init__(self, *, plugins: bool = True) -> None:
        from .shipped import SHIPPED  # noqa: PLC0415 - the parts need not be imported before

        self._kinds: dict[Family, dict[str, type[Part]]] = {
            family: dict(SHIPPED[family]) for family in FAMILIES
        }
        self._plugins = plugins
        self._found: dict[Family, dict[str, Any]] = {}

    def add_formatter(self, name: str, kind: Any) -> None:
        """Make *kind* known as the formatter *name*; see the class."""
        self._add(FormatterPart, name, kind)

    def add_filter(self, name: str, kind: Any) -> None:
        """Make *kind* known as the filter *name*; see the class."""
        self._add(FilterPart, name, kind)

    def add_sink(self, name: str, kind: Any) -> None:
        """Make *kind* known as the sink *name*; see the class."""
        self._add(SinkPart, name, kind)

    def add_handler(self, name: str, kind: Any) -> None:
        """Make *kind* known as the handler *name*; what it makes is a list of `Handler`."""
        self._add(HandlerPart, name, kind)

    def _add(self, family: Family, name: str, kind: Any) -> None:
        if not name:
            raise ValueError(f"name: expected the name of a type, got {name!r}")
        self._kinds[family][name] = model_of(family, kind)

    def find(self, family: Family, name: str) -> type[Part] | None:
        """Return the model of the type *name*, or None if there is none.

        Raises:
            ValueError: its entry point cannot be loaded.
        """
        kind = self._kinds[family].get(name)
        if kind is None and name in self._points(family):
            try:
                self._add(family, name, self._points(family)[name].load())
            except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything
                raise ValueError(
                    f'the plug-in "{name}" cannot be loaded: {type(error).__name__}: {error}'
                ) from None
            kind = self._kinds[family][name]
        return kind

    def names(self, family: Family) -> list[str]:
        """Return the names of all types of *family*."""
        return sorted({*self._kinds[family], *self._points(family)})

    def models(self, family: Family) -> Iterator[tuple[str, type[Part]]]:
        """Yield name and model of each type of *family*; a plug-in must be loadable."""
        for name in self.names(family):
            try:
                kind = self.find(family, name)
            except ValueError:
                continue
            if kind is not None:
                yield name, kind

    def _points(self, family: Family) -> dict[str, Any]:
        """Return the entry points of *family*; looking for them reads many files, so only once."""
        if family not in self._found:
            group = f"asynclog.{group_of(family)}"
            points = entry_points(group=group) if self._plugins else ()
            self._found[family] = {point.name: point for point in points}
        return self._found[family]


def group_of(family: Family) -> str:
    """Return what the members of *family* are called together."""
    return f"{noun_of(family)}s"


def noun_of(family: Family) -> str:
    """Return what a member of *family* is called."""
    return str(getattr(family, "FAMILY", "part"))


def model_of(family: Family, kind: Any) -> type[Part]:
    """Return *kind* if it is a model of *family*, or a model made of its keyword arguments.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(kind, type) and issubclass(kind, Part):
        if not issubclass(kind, family):
            raise ValueError(f"expected a model of a {noun_of(family)}, got {kind!r}")  # noqa: TRY004 - an argument
        return kind
    if not callable(kind):
        raise ValueError(f"expected a class or a function, got {kind!r}")  # noqa: TRY004 - an argument
    return _model_of_call(family, kind)


def _model_of_call(family: Family, kind: Callable[..., Any]) -> type[Part]:
    hints = _hints(inspect.getattr_static(kind, "__init__") if isinstance(kind, type) else kind)
    fields: list[tuple[str, Any, Any]] = []
    for one in inspect.signature(kind).parameters.values():
        if one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL):
            continue
        hint = hints.get(one.name, Any)
        default = msgspec.NODEFAULT if one.default is one.empty else one.default
        fields.append((one.name, hint, default))
    names = [name for name, _, _ in fields]

    def make(self: Part, build: Build) -> Any:
        options = {name: _made(getattr(self, name), build) for name in names}
        return kind(**options)

    model = msgspec.defstruct(
        getattr(kind, "__name__", "Part"),
        fields,
        bases=(family,),
        frozen=True,
        kw_only=True,
        namespace={"make": make, "__doc__": (kind.__doc__ or "").partition("\n")[0]},
    )
    return cast("type[Part]", model)


def _hints(call: Any) -> dict[str, Any]:
    """Return the annotations of *call*; none, where only a type checker knows them."""
    try:
        return get_type_hints(call, include_extras=True)
    except (NameError, TypeError):
        return {}


def _made(value: Any, build: Build) -> Any:
    """Return *value*, and in place of a part what it makes."""
    if isinstance(value, Part):
        return build(value)
    if isinstance(value, tuple) and any(isinstance(one, Part) for one in value):
        return tuple(_made(one, build) for one in value)
    return value
