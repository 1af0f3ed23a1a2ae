"""Tests of asynclog.cli.mistakes."""

import errno

import click
import pytest

from asynclog.cli import mistakes
from asynclog.cli.arguments import whole_number


@click.group()
def app():
    """A program."""


@app.command()
@click.argument("place")
def show(place):
    """Show."""


@app.command()
@click.argument("place", required=False, type=whole_number(1))
@click.option("--size", "-s", type=whole_number(0))
@click.option("--mode", type=click.Choice(["fast", "slow"]))
@click.option("--raising", type=int)
def copy(place, size, mode, raising):
    """Copy."""
    if raising == 1:
        raise click.BadParameter("expected less", param_hint="--size")
    if raising == 2:
        raise mistakes.NotFound("No files here.")
    if raising == 3:
        raise click.ClickException("No luck.")
    if raising == 4:
        raise KeyboardInterrupt
    if raising == 5:
        raise OSError(errno.ENOSPC, "No space left on device")
    if raising == 6:
        raise PermissionError(errno.EACCES, "Permission denied", "/a\nb")


@pytest.fixture(name="run")
def _run(monkeypatch, capsys):
    """A function that runs the program; returns its status, and what it told on stderr."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["asynclog", *arguments])
        with pytest.raises(SystemExit) as caught:
            mistakes.run(app)
        return caught.value.code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["copy", "--size", "x"], " copy: --size: expected a whole number from 0 up, got 'x'"),
        (["copy", "-s", "x"], " copy: --size: expected a whole number from 0 up, got 'x'"),
        (["show"], " show: PLACE: expected a value, got none"),
        (["copy", "0"], " copy: PLACE: expected a whole number from 1 up, got '0'"),
        (["copy", "--raising", "1"], " copy: --size: expected less"),
        (
            ["copy", "--sise", "1"],
            " copy: expected one of --size, --mode, --raising, --help, got '--sise'",
        ),
        (["copy", "1", "2\n\x1b[1m"], r" copy: got unexpected extra argument (2\n\x1b[1m)"),
        (["copy", "--size"], " copy: option '--size' requires an argument"),
        (["copy", "copy", "--size"], " copy: option '--size' requires an argument"),
        (["--copy"], ": expected one of --help, got '--copy'"),
    ],
)
def test_wrong_use_is_one_line(run, arguments, told):
    """Command, option, what is allowed, what was given; the status is 2."""
    assert run(*arguments) == (2, f"asynclog{told}\n")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("2", "asynclog copy: no files here"),
        ("3", "asynclog: no luck"),
        ("5", "asynclog: No space left on device"),
        ("6", "asynclog: /a\\nb: Permission denied"),
    ],
)
def test_what_failed_is_no_wrong_use(run, number, told):
    """The status is 1."""
    assert run("copy", "--raising", number) == (1, f"{told}\n")


def test_another_command_is_told_with_those_there_are(run):
    """The status is 2."""
    status, told = run("move")
    assert (status, told.count("\n")) == (2, 1)
    assert "'move'" in told


def test_an_interruption_is_told(run):
    """Without a traceback."""
    status, told = run("copy", "--raising", "4")
    assert (status, told.strip()) == (1, "asynclog: interrupted")


def test_without_a_command_the_help_comes(monkeypatch, capsys):
    """In its many lines; older versions of click print it on standard output."""
    monkeypatch.setattr("sys.argv", ["asynclog"])
    with pytest.raises(SystemExit):
        mistakes.run(app)
    assert "\nCommands:\n" in "".join(capsys.readouterr())


@pytest.mark.parametrize("arguments", [["copy"], ["copy", "--help"]])
def test_what_was_right_ends_well(run, arguments):
    """The status is 0, and there is nothing on stderr."""
    status, told = run(*arguments)
    assert (status or 0, told) == (0, "")
