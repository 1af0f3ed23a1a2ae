"""Every fault for a short while: the account is exact, and all that counts as written arrived.

`nox -s soak` runs them for half a minute each, and measures how late the loop is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from .__main__ import mistakes_of
from .faults import FAULTS
from .trial import Report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SHORT = ("--seconds", "2", "--quiet", "0.1", "--capacity", "500")
SPECIAL = {"tcp-half-open": ["ip", "netns", "list"], "disk-full": ["mount", "--version"]}
"""What needs more than a user's rights: a container may lack them, wherever it runs."""


def _is_possible(name):
    """Whether this machine lets us do what the fault needs."""
    if name not in SPECIAL:
        return True
    return os.geteuid() == 0 and subprocess.call(["unshare", "--mount", "--net", "true"]) == 0


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    """Run all of them side by side: nothing is measured here."""
    folder = tmp_path_factory.mktemp("soak")
    command = [sys.executable, "-m", "tests.soak.trial"]
    running = {
        name: subprocess.Popen(
            [*command, name, *SHORT, "--report", folder / name],
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in FAULTS
        if _is_possible(name)
    }
    yield running, folder
    for program in running.values():
        program.wait()
        program.stderr.close()


@pytest.mark.parametrize("name", FAULTS)
def test_the_account_is_exact_under(name, trials):
    """Nothing is lost without a count, nothing torn, and lines are written again at last."""
    running, folder = trials
    if name not in running:
        pytest.skip("needs the right to mount, and to make networks")
    errors = running[name].stderr.read()
    assert running[name].wait() == 0, errors

    report = msgspec.json.decode((folder / name).read_bytes(), type=Report)

    assert (mistakes_of(report), report.accepted > 1000) == ([], True)
