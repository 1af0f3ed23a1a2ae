"""Tests of asynclog.cli.app, and of the ways to start it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from asynclog import __version__
from asynclog.cli.app import app


def python(*arguments):
    """Run Python in a process of its own."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_it_tells_its_version():
    """By name and number."""
    done = python("-m", "asynclog", "--version")
    assert (done.returncode, done.stdout) == (0, f"asynclog, version {__version__}\n")


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("asynclog ch", "plain,check\n"),
        ("asynclog check --rec", "plain,--record\n"),
        ("asynclog check log", "file,log\n"),
        ("asynclog pipe --config log", "file,log\n"),
        ("asynclog pipe --file log", "file,log\n"),
    ],
)
def test_a_shell_completes_what_is_typed(words, completed, monkeypatch):
    """Commands, options, and the names of files; the shell asks by these variables."""
    monkeypatch.setenv("_ASYNCLOG_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert python("-m", "asynclog").stdout == completed


@pytest.mark.parametrize("command", sorted(app.commands))
def test_every_command_explains_itself(command):
    """With examples, and every option."""
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"asynclog {command}" in done.output.split("Examples:")[1]
    options = [one for one in app.commands[command].params if one.param_type_name == "option"]
    assert all(option.help for option in options)


def test_an_unknown_command_is_wrong_use():
    """The status is 2."""
    done = CliRunner().invoke(app, ["logs"])
    assert (done.exit_code, "No such command 'logs'" in done.output) == (2, True)


@pytest.mark.parametrize("package", ["click", "rich"])
def test_without_the_extra_one_line_names_it(package):
    """And no traceback."""
    done = python(
        "-c",
        f"import sys; sys.modules[{package!r}] = None; sys.argv = ['asynclog', 'demo'];"
        "from asynclog.cli import main; main()",
    )
    assert done.stderr == (
        "asynclog: the command line needs the extra \"cli\": pip install 'asynclog-toolkit[cli]'\n"
    )
    assert (done.returncode, done.stdout) == (2, "")


def test_another_missing_module_is_a_fault_of_its_own():
    """Only what the extra brings is explained by the extra."""
    done = python(
        "-c",
        "import sys; sys.modules['msgspec'] = None; from asynclog.cli import main; main()",
    )
    assert "ModuleNotFoundError" in done.stderr
