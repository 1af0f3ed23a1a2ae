"""Documents that nobody would write, and those that somebody nearly would.

`python -m tests.config.fuzzing 100000` makes so many of them into loggers, and fails with the first
that gives anything but a logger or a `ConfigError`.
"""

import asyncio
import datetime as dt
import json
import random
import sys
import tempfile
from pathlib import Path

from asynclog import BufferedLogger
from asynclog.config import Registry, load_config
from asynclog.config.reader import SETTINGS
from asynclog.config.registry import FAMILIES
from asynclog.errors import ConfigError

REGISTRY = Registry(plugins=False)
TYPES = [name for family in FAMILIES for name in REGISTRY.names(family)]
FIELDS = sorted(
    {
        field
        for family in FAMILIES
        for _, model in REGISTRY.models(family)
        for field in model.__struct_fields__
    }
)
KEYS = ["root", SETTINGS, "type", "max_lines", "max_age", "levels", "level", *FIELDS]
VALUES = [
    *(None, True, False, 0, 1, -1, 7, 514, 2**70, -(2**63), 0.5, -0.0, 1e308, float("nan")),
    *(float("inf"), "", " ", "\0", "\ud800", "\u202e", "{", "}", "{message}", "{a:>8}", "{...}"),
    *("%(message)s", "${NONE}", "${HOME}", "$${", "${A:-", "10MB", "1x", "day", "ERROR", "wait"),
    *("drop_below:", "drop_below:X", "/", "a" * 5000, "/routes/to", "*", "(", "%", "%4f", "stdout"),
    *("0640", "h" * 300, "\n", "é", "{severity:{%", "{timestamp:{%Y}s}", "-", "logging", "gzip"),
]


def value(random, depth):
    """Return something that may stand anywhere."""
    kind = random.random()
    if depth > 4 or kind < 0.4:
        return random.choice(VALUES + TYPES)
    if kind < 0.6:
        return [value(random, depth + 1) for _ in range(random.randrange(3))]
    return {random.choice(KEYS): value(random, depth + 1) for _ in range(random.randrange(4))}


def part(random, family, depth=0):
    """Return an object that is nearly a part of *family*."""
    name = random.choice(REGISTRY.names(family))
    made = {"type": name}
    for field in REGISTRY.find(family, name).__struct_fields__:
        if random.random() < (0.95 if field == "formatter" else 0.2):
            made[field] = _near(random, field, depth)
    if random.random() < 0.1:
        made[random.choice(KEYS)] = value(random, 3)
    return made


def _near(random, field, depth):
    inner = {
        "formatter": lambda: part(random, FAMILIES[1], depth + 1),
        "filter": lambda: part(random, FAMILIES[2], depth + 1),
        "filters": lambda: [part(random, FAMILIES[2], depth + 1)],
        "sink": lambda: part(random, FAMILIES[3], depth + 1),
        "sinks": lambda: [part(random, FAMILIES[3], depth + 1) for _ in range(2)],
    }
    if field in inner and depth < 4 and random.random() < 0.9:
        return inner[field]()
    return value(random, 3)


def document(random):
    """Return plain data: often nearly a configuration."""
    if random.random() < 0.2:
        return value(random, 0)
    made = {"root": [part(random, FAMILIES[0]) for _ in range(random.randrange(1, 3))]}
    if random.random() < 0.5:
        made[SETTINGS] = {random.choice(KEYS): value(random, 3) for _ in range(3)}
    return made


def text(random, data):
    """Return *data* as JSON, often damaged."""
    encoded = bytearray(json.dumps(data).encode())
    for _ in range(random.randrange(4)):
        at = random.randrange(len(encoded) + 1)
        if random.random() < 0.5:
            encoded[at : at + random.randrange(3)] = random.choice(
                [b",", b"}", b'"', b"\xff", b"1"]
            )
        else:
            del encoded[at : at + 1]
    return bytes(encoded)


def toml(random):
    """Return text that is nearly TOML."""
    lines = []
    for _ in range(random.randrange(8)):
        key = random.choice(KEYS)
        shown = random.choice(
            ["1", "'a'", "[]", "{}", "true", "1979-05-27", "nan", "[[", "{type='null'}"]
        )
        lines.append(random.choice([f"{key} = {shown}", "[[root]]", f"[{key}]", f"[[root.{key}]]"]))
    return "\n".join(lines).encode()


async def try_out(source):
    """Return whether *source* gives a logger that opens and closes; if not, it is a `ConfigError`."""
    try:
        logger = load_config(source, registry=REGISTRY, environment={"HOME": "/root"})
    except ConfigError as error:
        if not error.problems or not all(str(one).isprintable() for one in error.problems):
            raise AssertionError(repr(error)) from None
        return False
    assert isinstance(logger, BufferedLogger)
    async with logger:
        pass
    return True


def sources(random, directory):
    """Yield mappings, and files of both kinds, without end."""
    while True:
        data = document(random)
        yield data if isinstance(data, dict) else {"root": data}
        path = directory / "fuzz.json"
        path.write_bytes(text(random, data))
        yield path
        path = directory / "fuzz.toml"
        path.write_bytes(toml(random))
        yield path
        yield {"root": [{"level": dt.date(2022, 3, 6)}]}


async def fuzz(count, seed):
    """Try *count* documents; return how many gave a logger."""
    loggers = 0
    with tempfile.TemporaryDirectory() as directory:
        some = sources(random.Random(seed), Path(directory))
        for number in range(count):
            source = next(some)
            try:
                loggers += await try_out(source)
            except BaseException:
                shown = source if isinstance(source, dict) else source.read_bytes()
                sys.stderr.write(f"document {number} of seed {seed}: {shown!r}\n")
                raise
    return loggers


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    sys.stdout.write(f"{wanted:,} documents, {asyncio.run(fuzz(wanted, start)):,} loggers\n")
