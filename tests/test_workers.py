"""Several processes around a running logger: no deadlock, no doubled line, and none is lost."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.exits.workers import LINES, WORKERS

ROOT = Path(__file__).parents[1]


def lines_by_who(way, directory):
    """Return how many different lines each has written to the one rolling file."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.exits.workers", way, str(directory)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    files = list(directory.iterdir())
    assert len(files) > 3
    lines = Counter(line for file in files for line in file.read_text().splitlines())
    assert set(lines.values()) == {1}
    return Counter(line.split()[0] for line in lines)


@pytest.mark.parametrize("way", ["prefork", "fork", "spawn", "forkserver"])
def test_each_line_of_each_process_is_written_once(way, tmp_path):
    """Also of workers that never close their logger, and of those that use the parent's."""
    workers = [f"w{number}" for number in range(WORKERS)]
    inherited = [f"{who}-inherited" for who in workers] if way == "fork" else []
    who = ["before", "after", *workers, *inherited]
    assert lines_by_who(way, tmp_path) == dict.fromkeys(who, LINES)
