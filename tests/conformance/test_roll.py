"""muduo's file names and rolling rules."""

from __future__ import annotations

import pytest

from . import adapter
from .corpus import vectors

VECTORS = vectors("muduo")
IN_ROLL = [
    entry[0] for vector in VECTORS["roll"] for entry in vector["files"] if isinstance(entry, list)
]
NAMES = [
    {
        "basename": "dayroll",
        "time": "2012-06-02T23:59:55Z",
        "host": "hostname",
        "pid": 3605,
        "expected": IN_ROLL[0],
    },
    {
        "basename": "dayroll",
        "time": "2012-06-03T00:00:03Z",
        "host": "hostname",
        "pid": 3605,
        "expected": IN_ROLL[1],
    },
    *VECTORS["log_file_name"],
]


@pytest.mark.parametrize("vector", NAMES, ids=lambda vector: vector["expected"])
def test_a_name_is_built_as_muduo_builds_it(vector):
    """From the time, the host and the process."""
    arguments = {key: vector[key] for key in ("basename", "time", "host", "pid")}
    assert adapter.log_file_name(**arguments) == vector["expected"]


def _muduo_rolls_one_write_late(vector):
    """Return the sizes that a roll before the write gives, where muduo rolls after it, or not."""
    return {"size, same second": [150, 150], "day": [10, 10]}.get(vector["name"], vector["files"])


@pytest.mark.parametrize("vector", VECTORS["roll"], ids=lambda vector: vector["name"])
def test_a_file_is_rolled_before_the_write(vector):
    """So none is too large, and no line of a new day stands in the old file."""
    assert adapter.roll(vector) == _muduo_rolls_one_write_late(vector)
