"""Blackhole's units and flush policies."""

from __future__ import annotations

import pytest

from asynclog.sinks.flushing import EveryBytes, EveryRecords, parse_flush

from . import adapter
from .corpus import vectors

VECTORS = vectors("flush")
KINDS = {"bytes": EveryBytes, "count": EveryRecords}


def _name(vector):
    return str(vector.get("input", vector.get("source", vector)))


@pytest.mark.parametrize("vector", [v for v in VECTORS["parse_units"] if "bytes" in v], ids=_name)
def test_a_size_is_read_as_blackhole_reads_it(vector):
    """Units of 1000 and of 1024."""
    assert adapter.parse_size(vector["input"]) == vector["bytes"]


@pytest.mark.parametrize("vector", [v for v in VECTORS["parse_units"] if "error" in v], ids=_name)
def test_a_size_that_blackhole_refuses_is_a_value_error(vector):
    """One kind of error, where Blackhole has two."""
    with pytest.raises(ValueError, match="size: expected"):
        adapter.parse_size(vector["input"])


@pytest.mark.parametrize("vector", [v for v in VECTORS["policies"] if "results" in v], ids=_name)
def test_a_policy_flushes_where_blackhole_flushes(vector):
    """After each of a row of writes."""
    results = adapter.flush_policy(vector["policy"], vector["threshold"], vector["writes"])
    assert results == vector["results"]


@pytest.mark.parametrize("vector", [v for v in VECTORS["policies"] if v["threshold"]], ids=_name)
def test_a_policy_counts_as_blackhole_counts(vector):
    """After each write, and after a reset."""
    policy = KINDS[vector["policy"]](vector["threshold"])
    counters = [policy.update(size) is not None and policy.counter for size in vector["writes"]]
    policy.reset()
    assert counters == vector.get("counters", counters)
    assert policy.counter == vector.get("counter_after", 0)


@pytest.mark.parametrize("vector", VECTORS["builder"], ids=_name)
def test_the_builder_s_calls_have_settings(vector):
    """A count is a number, a size is text, automatic is none."""
    setting = f"{vector['threshold']}B" if vector["policy"] == "bytes" else vector["threshold"]
    kind = KINDS[vector["policy"]].__name__ if vector["threshold"] else "Automatic"
    assert type(parse_flush(setting)).__name__ == kind


def test_a_missing_setting_is_automatic():
    """As in Blackhole's configuration."""
    assert repr(parse_flush(None)) == "Automatic()"


def test_a_negative_setting_is_an_error():
    """Blackhole ignores it in silence."""
    with pytest.raises(ValueError, match="got -1"):
        parse_flush(-1)
