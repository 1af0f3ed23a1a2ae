"""CPython's own tests of handlers, with `AsynclogHandler` in the place of `StreamHandler`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["ended", "running"])
def test_cpython_s_own_tests_pass(mode):
    """Those of `test.test_logging` that log to a stream; a Python without them is told of."""
    command = [sys.executable, "-m", "tests.integrations.cpython", mode]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
