"""The one place that knows SQLAlchemy."""

import subprocess
import sys

import pytest

from asynclog.central import CentralSink

LOADED = """
import asyncio, contextlib, sys, threading
from asynclog.central.stores import open_store
from asynclog.errors import StoreError

class Finder:
    def find_spec(self, name, path=None, target=None):
        print(name.partition(".")[0], threading.current_thread() is threading.main_thread())

async def main():
    store = open_store(sys.argv[1])
    sys.meta_path.insert(0, Finder())
    with contextlib.suppress(StoreError):
        await store.open()
    await store.aclose()

asyncio.run(main())
"""
"""Prints what is loaded when a store is opened, and whether on the loop's thread."""


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("sqlite:///events.db", "sqlalchemy"),
        ("sqlite:///events.db", "aiosqlite"),
        ("postgresql://log:secret@localhost/log", "asyncpg"),
    ],
)
def test_a_missing_package_is_told_at_once(monkeypatch, url, package):
    """To wait would not make it come, and meanwhile every event would be lost."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=rf"{package}: install asynclog-toolkit\[sql\]$"):
        CentralSink(url)


@pytest.mark.parametrize(
    ("url", "driver"),
    [("sqlite:///events.db", "aiosqlite"), ("postgresql://log@127.0.0.1:1/log", "asyncpg")],
)
def test_what_takes_long_to_load_is_not_loaded_on_the_loop(tmp_path, url, driver):
    """The first line that is counted would hold up all tasks, for a third of a second."""
    command = [sys.executable, "-c", LOADED, url]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = {tuple(line.split()) for line in done.stdout.splitlines()}
    assert {(name, on_loop) for name, on_loop in loaded if name in {"sqlalchemy", driver}} == {
        ("sqlalchemy", "False"),
        (driver, "False"),
    }
