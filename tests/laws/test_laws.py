"""The laws hold, whatever programs and sinks do.

`ASYNCLOG_LAWS=20000 python -m pytest tests/laws/test_laws.py --timeout 0` tries as many random
programs in worlds of each family, different ones each time.
"""

from __future__ import annotations

import os

import pytest

from .machine import FAMILIES, examine

EXAMPLES = int(os.environ.get("ASYNCLOG_LAWS", "0"))
"""Programs to try in worlds of each family; 0 for a few, the same each time."""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_laws_hold(family):
    """After every step, and at the end."""
    examine(family, examples=EXAMPLES or 50, random=bool(EXAMPLES))
