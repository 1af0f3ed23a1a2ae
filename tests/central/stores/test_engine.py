"""The one place that knows SQLAlchemy."""

import sys

import pytest

from asynclog.central import CentralSink


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
