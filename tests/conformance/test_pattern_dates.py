"""Blackhole's dates."""

from __future__ import annotations

import pytest

from . import adapter
from .corpus import vectors


@pytest.mark.parametrize("vector", vectors("string")["datetime"], ids=lambda v: v["name"])
def test_a_date_is_printed_as_blackhole_prints_it(vector):
    """With microseconds."""
    printed = adapter.strftime(vector["pattern"], vector["tm"], vector["usec"])

    assert printed == vector["expected"]
