"""However a process ends, what was accepted is written, without any code of the program.

Each way is tried in a real process, and compared with the table in docs/explanation/exit-matrix.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/explanation/exit-matrix.md"
ROW = re.compile(
    r"^\| `?([^|`]+?)`? \|.*?\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", re.MULTILINE
)
TABLE = {
    row[0]: [int(one.replace(",", "")) for one in row[1:]] for row in ROW.findall(PAGE.read_text())
}
WAYS = [
    "closed",
    "return",
    "exception",
    "sys.exit",
    "SIGINT",
    "SIGTERM",
    "loop closed",
    "os._exit",
    "SIGKILL",
]


def end(kind, way, directory):
    """Return what a process that ended in *way* had accepted, and what it wrote."""
    command = [sys.executable, "-m", "tests.exits.program", kind, way, str(directory)]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=30, check=False)
    log = directory / "log"
    accepted = (directory / "accepted").read_text().splitlines()
    return accepted, log.read_text().splitlines() if log.exists() else []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["native", "stdlib"])
def test_the_counts_are_those_of_the_documentation(kind, way, tmp_path):
    """Nothing is lost, and nothing doubled, but where the process may not run on."""
    accepted, written = end(kind, way, tmp_path)
    column = 0 if kind == "native" else 2
    assert [len(accepted), len(written)] == TABLE[way][column : column + 2]
    assert written == accepted[: len(written)]


@pytest.mark.parametrize("kind", ["native", "stdlib"])
def test_a_daemon_thread_may_log_until_the_last_moment(kind, tmp_path):
    """The last line may be taken, and the process end before the thread can say so."""
    accepted, written = end(kind, "daemon thread", tmp_path)
    assert len(accepted) > 2_000
    assert written[: len(accepted)] == accepted
    assert len(written) - len(accepted) <= 1
