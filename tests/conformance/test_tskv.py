"""Blackhole's TSKV lines."""

from __future__ import annotations

import time

import pytest

from asynclog.errors import PatternError

from . import adapter
from .corpus import vectors

VECTORS = vectors("tskv")["vectors"]


def _name(vector):
    return vector["name"]


@pytest.fixture(autouse=True)
def _zone(request, monkeypatch):
    """Run in the zone that the vector names."""
    monkeypatch.setenv("TZ", request.node.callspec.params["vector"].get("tz", "UTC"))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _outcome(vector):
    try:
        return adapter.tskv(vector["config"], vector["record"])
    except PatternError:
        return "<refused>"


@pytest.mark.parametrize("vector", VECTORS, ids=_name)
def test_a_line_is_printed_as_blackhole_prints_it(vector):
    """To the letter; a configuration that it refuses is refused."""
    assert _outcome(vector) == vector.get("expected", "<refused>")
