"""structlog in front of asynclog, as a whole."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "docs/examples"


def test_without_structlog_the_extra_is_named(monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "structlog", None)
    monkeypatch.delitem(sys.modules, "asynclog.integrations.structlog")
    with pytest.raises(ImportError, match=r"install asynclog-toolkit\[structlog\]"):
        __import__("asynclog.integrations.structlog")


def test_the_example_groups_lines_by_order(tmp_path):
    """Each order's lines stand together, with its number and the exception."""
    path = tmp_path / "orders.log"
    subprocess.run([sys.executable, EXAMPLES / "structlog_orders.py", path], check=True, timeout=30)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    labels = [label for label, _ in itertools.groupby(line["label"] for line in lines)]

    assert sorted(labels) == ["main", "order/1", "order/2", "order/3"]
    assert [line["message"] for line in lines if line.get("order") == 2][-1] == "order failed"
    assert "OutOfStock: lamp" in next(line["exception"] for line in lines if "exception" in line)
