"""What the package offers: every name is there, explained, and in the reference."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import asynclog

REFERENCE = "\n".join(
    page.read_text() for page in (Path(__file__).parents[1] / "docs/reference").glob("*.md")
)
OPTIONAL = {
    "aiosqlite",
    "asyncpg",
    "click",
    "opentelemetry",
    "redis",
    "rich",
    "sqlalchemy",
    "structlog",
}


def _modules():
    found = pkgutil.walk_packages(asynclog.__path__, "asynclog.")
    return ["asynclog", *(module.name for module in found if module.name != "asynclog.__main__")]


MODULES = _modules()
OFFERING = [name for name in MODULES if hasattr(importlib.import_module(name), "__all__")]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_begins_with_a_sentence(name):
    """One that ends on its line."""
    assert re.match(r"[^\n]+[.:]\n?", importlib.import_module(name).__doc__ + "\n")


@pytest.mark.parametrize("name", OFFERING)
def test_what_is_offered_is_there_once_and_in_order(name):
    """Constants, classes, then the rest, each by the alphabet."""
    names = importlib.import_module(name).__all__
    kind = [0 if one.isupper() else 1 if one[0].isupper() else 2 for one in names]
    assert [one for _, one in sorted(zip(kind, names, strict=True))] == list(dict.fromkeys(names))
    assert [one for one in names if not hasattr(importlib.import_module(name), one)] == []


@pytest.mark.parametrize("name", OFFERING)
def test_what_is_offered_is_in_the_reference(name):
    """The whole module, or name by name."""
    names = [one for one in importlib.import_module(name).__all__ if one != "__version__"]
    documented = set(re.findall(r"^\.\. (?:auto|py:)\w+:: ([\w.]+)", REFERENCE, re.MULTILINE))
    missing = [one for one in names if not {one, f"{name}.{one}"} & documented]
    assert name in documented or missing == []


def test_the_root_offers_no_more_than_twenty_names():
    """The rest is said with its noun: `asynclog.sinks.FileSink`."""
    assert len(asynclog.__all__) <= 20


def test_importing_the_package_imports_nothing_optional():
    """What extras bring is imported by those who use it."""
    code = "import sys, asynclog, asynclog.sinks, asynclog.filters; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & OPTIONAL == set()
