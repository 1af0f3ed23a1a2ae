"""Documents that nobody would write, and those that somebody nearly would.

`python -m tests.config.fuzzing 100000` makes so many of each kind (mappings, files of JSON, files
of TOML) into loggers, and fails with the first that gives anything but a logger or a `ConfigError`,
and with the first error that shows a secret.
"""

import asyncio
import datetime as dt
import json
import random
import sys
import tempfile
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import msgspec

from asynclog import BufferedLogger
from asynclog.config import Registry, load_config
from asynclog.config.model import Settings
from asynclog.config.problems import Problems
from asynclog.config.reader import BAD, SETTINGS, Reader
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
SECRET = "Zj9-canary-Qw4"
"""Stands in the environment, and in no error."""
ENVIRONMENT = {"HOME": "/root", "SECRET": SECRET}
KEYS = ["root", SETTINGS, "type", "max_lines", "max_age", "levels", "level", *FIELDS]
VALUES = [
    *(None, True, False, 0, 1, -1, 7, 514, 2**70, -(2**63), 0.5, -0.0, 1e308, float("nan")),
    *(float("inf"), "", " ", "\0", "\ud800", "\u202e", "{", "}", "{message}", "{a:>8}", "{...}"),
    *("%(message)s", "${NONE}", "${HOME}", "$${", "${A:-", "10MB", "1x", "day", "ERROR", "wait"),
    *("drop_below:", "drop_below:X", "/", "a" * 5000, "/routes/to", "*", "(", "%", "%4f", "stdout"),
    *("0640", "h" * 300, "\n", "é", "{severity:{%", "{timestamp:{%Y}s}", "-", "logging", "gzip"),
    *("${SECRET}", "{${SECRET}", "redis://u:${SECRET}@h/x", "ftp://u:${SECRET}@h", "[${SECRET}]("),
    *(dt.date(2022, 3, 6), dt.time(1), dt.datetime(2022, 3, 6, tzinfo=dt.UTC)),
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
    for field in msgspec.structs.fields(REGISTRY.find(family, name)):
        if random.random() < (0.95 if field.required else 0.2):
            made[field.name] = _near(random, field, depth)
    if random.random() < 0.05:
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
    if field.name in inner and depth < 4 and random.random() < 0.9:
        return inner[field.name]()
    fitting = _fitting(field.type)
    return random.choice(fitting) if fitting and random.random() < 0.9 else value(random, 3)


@cache
def _fitting(annotation):
    """Return the values of the right type: what is wrong with them shows when a part is made."""
    reader = Reader(REGISTRY, Problems(""))
    return [one for one in VALUES + TYPES if reader.value(annotation, one, "") is not BAD]


def document(random):
    """Return plain data: often nearly a configuration."""
    if random.random() < 0.2:
        return value(random, 0)
    made = {"root": [part(random, FAMILIES[0]) for _ in range(random.randrange(1, 3))]}
    if random.random() < 0.5:
        made[SETTINGS] = {
            field.name: _near(random, field, 1)
            for field in random.sample(msgspec.structs.fields(Settings), 3)
        }
    return made


def as_json(data):
    """Return *data* as JSON; a date, which JSON lacks, becomes text."""
    return json.dumps(data, default=str).encode()


def as_toml(data):
    """Return *data* as TOML, each member of the document in a line; what is null is left out."""
    if not isinstance(data, dict):
        return _toml(data).encode()
    return "\n".join(_pairs(data)).encode()


def _pairs(data):
    return [f"{json.dumps(key)} = {_toml(one)}" for key, one in data.items() if one is not None]


def _toml(data):
    if isinstance(data, dict):
        return f"{{{', '.join(_pairs(data))}}}"
    if isinstance(data, list):
        return f"[{', '.join(_toml(one) for one in data if one is not None)}]"
    if isinstance(data, (bool, str)):
        return json.dumps(data)
    return str(data)


def damaged(random, encoded):
    """Return *encoded* with up to three bytes put in or taken out."""
    encoded = bytearray(encoded)
    for _ in range(random.randrange(4)):
        at = random.randrange(len(encoded) + 1)
        if random.random() < 0.5:
            encoded[at : at + random.randrange(3)] = random.choice(
                [b",", b"}", b'"', b"\xff", b"1"]
            )
        else:
            del encoded[at : at + 1]
    return bytes(encoded)


def tables(random):
    """Return text that is nearly TOML, with headings of tables."""
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
        logger = load_config(source, registry=REGISTRY, environment=ENVIRONMENT)
    except ConfigError as error:
        is_told = error.problems and all(str(one).isprintable() for one in error.problems)
        if not is_told or SECRET[4:10] in f"{error}{error!r}":
            raise AssertionError(repr(error)) from None
        return False
    assert isinstance(logger, BufferedLogger)
    async with logger:
        pass
    return True


def sources(random, directory):
    """Yield the kind of a source and the source: mappings, and files of both kinds, without end."""
    json_file, toml_file = directory / "fuzz.json", directory / "fuzz.toml"
    while True:
        data = document(random)
        yield "mapping", data if isinstance(data, dict) else {"root": data}
        json_file.write_bytes(damaged(random, as_json(data)))
        yield "JSON", json_file
        is_flat = random.random() < 0.8
        toml_file.write_bytes(damaged(random, as_toml(data)) if is_flat else tables(random))
        yield "TOML", toml_file


async def fuzz(count, seed):
    """Try *count* documents of each kind; return how many gave a logger, by kind."""
    loggers = Counter()
    with tempfile.TemporaryDirectory() as directory:
        some = sources(random.Random(seed), Path(directory))
        for number, (kind, source) in enumerate(islice(some, 3 * count)):
            try:
                loggers[kind] += await try_out(source)
            except BaseException:
                shown = source if isinstance(source, dict) else source.read_bytes()
                sys.stderr.write(f"document {number} of seed {seed}: {shown!r}\n")
                raise
    return loggers


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for one, made in asyncio.run(fuzz(wanted, start)).items():
        sys.stdout.write(f"{one}: {wanted:,} documents, {made:,} loggers\n")
