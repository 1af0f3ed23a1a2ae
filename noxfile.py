"""Every check of the project, one session each: `nox -s tests`, `nox -s lint types layers docs`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox

HERE = Path(__file__).parent
PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
"""Those of the classifiers; `tests` runs on each that this machine has."""

SERVER_FAULTS = """ok down_at_start kill_restart stop_restart pause sigstop clientkill scriptflush
requirepass readonly oom wrongtype loading moved clusterdown misconf noscript busy garbage dribble
late cut_reply cut_request drop some_oom gatherer_kill two_gatherers gatherer_late db_locked"""

nox.options.sessions = ["lint", "types", "layers", "docs", "tests"]
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = False


def _let_pyenv_show_all() -> None:
    """Make pyenv's commands find every Python it has; by itself it shows the chosen one only."""
    pyenv = shutil.which("pyenv")
    if pyenv and "PYENV_VERSION" not in os.environ:
        listed = subprocess.run(  # noqa: S603 - pyenv itself, as found in PATH
            [pyenv, "versions", "--bare"], capture_output=True, text=True, check=False
        ).stdout.split()
        known = [one for one in listed if one.startswith(tuple(f"{v}." for v in PYTHONS))]
        os.environ["PYENV_VERSION"] = ":".join(known)


_let_pyenv_show_all()


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; arguments after `--` go to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format of all Python files."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package strictly."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def layers(session: nox.Session) -> None:
    """Check that imports point downward and form no ring."""
    session.install("-e", ".[dev]")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build/html; a warning is an error."""
    session.install("-e", ".[docs]")
    session.run(
        "sphinx-build", "-q", "-n", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html"
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Run each benchmark; arguments after `--` go to all of them."""
    session.install("-e", ".[dev]")
    for script in sorted(HERE.glob("tests/benchmarks/bench_*.py")):
        session.run("python", str(script.relative_to(HERE)), *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Put each fault under load for half a minute, and print a table; arguments go to it.

    Then fork two hundred children from a logger at work, kill two hundred processes that log, and
    put each fault of a server between those who report events and those who gather them; at last
    kill producers, gatherers and the server again and again, with SQLite locked now and then for
    ten seconds.
    """
    session.install("-e", ".[dev]")
    session.run("python", "-m", "tests.soak", *session.posargs)
    often = {"ASYNCLOG_FORKS": "200", "ASYNCLOG_KILLS": "200"}
    processes = ("tests/faults", "-k", "forks or test_kill", "--timeout", "600")
    session.run("python", "-m", "pytest", *processes, env=often)
    central = ("tests/faults", "-k", "central", "--timeout", "120")
    session.run("python", "-m", "pytest", *central, env={"ASYNCLOG_SERVER_FAULTS": SERVER_FAULTS})
    trial = ("tests.central.trials.trial", "--seconds", "120", "--rounds", "3", "--lock", "10")
    session.run("python", "-m", *trial)


@nox.session
def demo(session: nox.Session) -> None:
    """Run `asynclog demo`; arguments after `--` go to it."""
    session.install("-e", ".[cli]")
    session.run("asynclog", "demo", *session.posargs)
