"""`load_config`: from a file, or a mapping, to a logger that can be opened."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ..levels import parse_level
from ..logger import BufferedLogger
from .build import Maker, expanded_in
from .documents import doubled_keys, parse_json, parse_toml
from .handlers import Blocking
from .hints import without_name
from .model import ALL_LEVELS, Config, HandlerPart, Settings, parse_overflow
from .plain import Plainer
from .problems import Problems, join, listed, nearest, show
from .reader import Reader
from .registry import Registry

if TYPE_CHECKING:
    from ..handlers import Handler
    from .places import Places

PATH_VARIABLE = "ASYNCLOG_CONFIG"
"""Names the file, where the program names none."""
LEVEL_VARIABLE = "ASYNCLOG_LEVEL"
"""Goes before the level of the file."""
MAX_BYTES = 10_000_000
"""Of a file: a larger one is no configuration."""
NO_LOGGERS = 'it has none: write {"root": [...]}, a list of handlers; in TOML, [[root]] before each'
"""Tells of a file that is empty, or has only the table of settings."""

Source = Mapping[str, Any] | str | os.PathLike[str] | None


class Loaded(NamedTuple):
    """A configuration that was read and whose parts can be made."""

    source: str
    """The file; for a mapping, what stands for it."""
    config: Config
    """What it says."""
    maker: Maker
    """Makes its parts."""
    problems: Problems
    """Takes what goes wrong while they are made."""


def load_config(
    source: Source = None,
    *,
    logger: str = "root",
    registry: Registry | None = None,
    environment: Mapping[str, str] | None = None,
) -> BufferedLogger:
    """Return the logger that a configuration describes, ready to be opened.

        async with load_config("logging.toml") as builder:
            await builder.sender_with_label("main").info("started")

    Args:
        source: the path of a file, JSON or TOML by its suffix; or a mapping of the same shape;
            None for the file that the variable `ASYNCLOG_CONFIG` names.
        logger: which of its loggers.
        registry: the types that it may name; None for those of asynclog and of plug-ins.
        environment: values for `${NAME}`, `ASYNCLOG_CONFIG` and `ASYNCLOG_LEVEL`; None for those
            of the process.

    Raises:
        ConfigError: it cannot be used; every mistake is told, each with the path of its key.
    """
    variables = os.environ if environment is None else environment
    loaded = read_config(source, registry=registry, environment=variables)
    return make_logger(loaded, logger)


def read_config(
    source: Source = None,
    *,
    registry: Registry | None = None,
    environment: Mapping[str, str] | None = None,
) -> Loaded:
    """Return what *source* says, with nothing made yet; see `load_config`.

    Raises:
        ConfigError: it cannot be used.
    """
    variables = os.environ if environment is None else environment
    problems = Problems(_name(source, variables))
    document = Plainer(variables, problems).plain(_document(source, variables, problems))
    reader = Reader(registry or Registry(), problems)
    config = _with_level(reader.config(document), variables, problems)
    maker = Maker(reader.places, expanded_in(document), problems)
    if problems:
        maker.try_all()
    problems.raise_any()
    return Loaded(problems.source, _with_redaction(config, reader.places), maker, problems)


def make_handlers(loaded: Loaded, logger: str) -> list[Handler]:
    """Return the handlers of the logger called *logger*.

    Raises:
        ConfigError: there is none of that name, or a part of any logger cannot be made.
    """
    loggers = loaded.config.loggers
    if logger not in loggers:
        has = f"it has {listed(loggers)}" if loggers else NO_LOGGERS
        near = nearest(logger, loggers)
        loaded.problems.tell(join("", logger), f"the configuration has no such logger{near}; {has}")
    made = {
        name: [loaded.maker.try_make(part) for part in parts] for name, parts in loggers.items()
    }
    if loaded.problems:
        loaded.maker.try_all()
    loaded.problems.raise_any()
    return [handler for handlers in made[logger] for handler in handlers]


def _with_level(config: Config, variables: Mapping[str, str], problems: Problems) -> Config:
    """Return *config*, where the level of the environment, if it names one, is that of all."""
    named = variables.get(LEVEL_VARIABLE)
    if not named:
        return config
    try:
        parse_level(named)
    except ValueError as error:
        problems.tell(LEVEL_VARIABLE, without_name(str(error)))
        return config
    return Config(msgspec.structs.replace(config.settings, level=named), config.loggers)


def _with_redaction(config: Config, places: Places) -> Config:
    """Return *config*, where handlers without a redaction of their own have that of all."""
    wanted = config.settings.redact

    def redacting(part: HandlerPart) -> HandlerPart:
        if wanted is False or not isinstance(part, Blocking) or part.redact is not False:
            return part
        changed = msgspec.structs.replace(part, redact=wanted)
        places.put(changed, places.of(part))
        return changed

    return Config(
        config.settings,
        {name: tuple(map(redacting, parts)) for name, parts in config.loggers.items()},
    )


def make_logger(loaded: Loaded, logger: str) -> BufferedLogger:
    """Return the logger called *logger*.

    Raises:
        ConfigError: see `make_handlers`; or these cannot be used together.
    """
    settings = loaded.config.settings
    keep = None if settings.filter is None else loaded.maker.try_make(settings.filter)
    handlers = make_handlers(loaded, logger)
    try:
        return BufferedLogger(
            settings.max_lines,
            settings.max_age,
            handlers=handlers,
            capacity=settings.capacity,
            overflow=parse_overflow(settings.overflow),
            flush_level=settings.flush_level,
            level=level_of(settings),
            filter=keep,
            levels=settings.levels,
            close_timeout=settings.close_timeout,
        )
    except ValueError as error:  # as of a type that makes one and the same sink twice
        loaded.problems.tell(join("", logger), without_name(str(error)))
        raise loaded.problems.error() from None


def level_of(settings: Settings) -> int | str:
    """Return the level of all labels without one of their own."""
    return ALL_LEVELS if settings.level is None else settings.level


def _name(source: object, variables: Mapping[str, str]) -> str:
    if isinstance(source, Mapping):
        return "configuration"
    if source is None:
        return variables.get(PATH_VARIABLE) or PATH_VARIABLE
    return os.fsdecode(source) if isinstance(source, (str, os.PathLike)) else "configuration"


def _document(source: object, variables: Mapping[str, str], problems: Problems) -> Any:
    """Return the content of *source*."""
    if isinstance(source, Mapping):
        return source
    if source is not None and not isinstance(source, (str, os.PathLike)):
        problems.tell("", f"expected a path or a mapping, got {show(source)}")
        raise problems.error()
    path = Path(os.fsdecode(source) if source is not None else variables.get(PATH_VARIABLE, ""))
    if source is None and not variables.get(PATH_VARIABLE):
        problems.tell("", f"no file is named: set {PATH_VARIABLE}, or hand in a path or a mapping")
        raise problems.error()
    parsers = {".json": parse_json, ".toml": parse_toml}
    parse = parsers.get(path.suffix.lower())
    if parse is None:
        hint = "; YAML is not read, TOML says the same" if path.suffix in (".yaml", ".yml") else ""
        problems.tell("", f"expected a file called *.json or *.toml, got {show(path.name)}{hint}")
        raise problems.error()
    try:
        data = _bytes(path)
        document = parse(data)
        for doubled in doubled_keys(data) if parse is parse_json else ():
            problems.tell(doubled, "this key stands more than once: keep one of them")
    except OSError as error:
        problems.tell("", f"cannot be read: {error.strerror}")
    except ValueError as error:
        problems.tell("", str(error))
    else:
        return document
    raise problems.error()


def _bytes(path: Path) -> bytes:
    with open(path, "rb", opener=_opened_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("expected a file, got a pipe or a device")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES:,} bytes")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("expected UTF-8, got UTF-16: save the file in that encoding")
    return data.removeprefix(codecs.BOM_UTF8)


def _opened_at_once(path: str, flags: int) -> int:
    """Open without waiting: a named pipe would have its reader wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)
