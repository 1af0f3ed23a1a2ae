"""CPython's own tests of handlers, with `AsynclogHandler` in the place of `StreamHandler`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def is_here(name):
    """Whether a module could be imported."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even its package is here
        return False


@pytest.mark.skipif(
    not is_here("test.test_logging") and not os.environ.get("CI"),
    reason="this Python comes without the tests of its library",
)
@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["ended", "running"])
def test_cpython_s_own_tests_pass(mode):
    """Those of `test.test_logging` that log to a stream; a Python without them is told of."""
    command = [sys.executable, "-m", "tests.integrations.cpython", mode]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
