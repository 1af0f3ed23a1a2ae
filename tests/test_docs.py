"""Every example of the documentation runs, and prints what its page says that it prints.

A block of `python` runs in the namespace of its page, a block of `console` line by line in a shell.
A block of `diff` runs as it is after the change.  If the next block is one of `text`, that is what it
printed; `...` stands for any text, and times are not compared.  A block of `sh` shows what is not run here: how to install and to develop.
"""

import doctest
import logging
import os
import re
import shutil
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from asynclog import current

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in ROOT.glob("docs/**/*.md") if "_build" not in page.parts),
]
FENCE = re.compile(r"^```([\w{}-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+|(?= ))")
RUN_HERE = {"python", "diff", "console"}
SHOWN_ONLY = {"sh", "text", "toml", "json", "yaml", "ini", ""}


class Block(NamedTuple):
    """One fenced block of a page."""

    language: str
    text: str
    line: int
    output: str | None


def blocks(page):
    """Return the blocks of *page*, each with the output that the page shows for it."""
    source = page.read_text()
    found = list(FENCE.finditer(source))
    result = []
    for fence, following in zip_longest(found, found[1:]):
        output = following[2] if following and following[1] == "text" else None
        result.append(Block(fence[1], fence[2], source.count("\n", 0, fence.start()) + 2, output))
    return result


def pages_with(*languages):
    """Return the pages that have a block in *languages*, as parameters with readable names."""
    return [
        pytest.param(page, id=str(page.relative_to(ROOT)))
        for page in PAGES
        if any(block.language in languages for block in blocks(page))
    ]


def after_the_change(block):
    """Return the code of a block; of a diff, that which it leads to."""
    if block.language != "diff":
        return block.text
    return "".join(line[1:] for line in block.text.splitlines(keepends=True) if line[0] != "-")


def check(printed, expected):
    """Compare what was printed with what the page shows."""
    want, got = TIME.sub("TIME", expected), TIME.sub("TIME", printed)
    assert doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS), got


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Examples may write files, and read those that stand beside their page."""
    for file in ROOT.glob("docs/tutorial/*.toml"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _logging_as_before(monkeypatch):
    """Examples may install handlers, and configure `logging` anew; no logger is open before."""
    monkeypatch.setattr(current, "_entries", [])
    monkeypatch.setattr(current, "_last", None)
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.captureWarnings(capture=False)


@pytest.fixture(name="shell")
def _shell(tmp_path):
    """A function that runs one line in a shell that knows the command `asynclog`."""
    command = tmp_path / "bin" / "asynclog"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m asynclog "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "COLUMNS": "90"}

    def run(line):
        done = subprocess.run(
            ["bash", "-c", line],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            check=False,
        )
        return done.stdout

    return run


@pytest.mark.parametrize("page", pages_with("python", "diff"))
def test_the_examples_in_python_run(page, capfd, monkeypatch):
    """All blocks of one page, from top to bottom, in one namespace."""
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    for block in [block for block in blocks(page) if block.language in ("python", "diff")]:
        code = compile("\n" * (block.line - 1) + after_the_change(block), str(page), "exec")
        exec(code, vars(module))
        printed = "".join(capfd.readouterr())
        check(printed, printed if block.output is None else block.output)


STEPS = [
    block for block in blocks(ROOT / "docs/tutorial/first-steps.md") if block.language == "python"
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"line {step.line}")
def test_each_step_of_the_first_tutorial_is_a_whole_program(step):
    """Whoever pastes it into a file of its own can run it."""
    exec(compile(step.text, "kitchen.py", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("page", pages_with("console"))
def test_the_examples_of_commands_run(page, shell):
    """Each line that begins with `$`."""
    for block in [block for block in blocks(page) if block.language == "console"]:
        printed = "".join(
            shell(line) for line in re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)
        )
        check(printed, printed if block.output is None else block.output)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_block_hides_from_the_tests(page):
    """Each is in a language that runs here, or that is only shown."""
    languages = {block.language for block in blocks(page) if not block.language.startswith("{")}
    assert languages <= RUN_HERE | SHOWN_ONLY


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_block_that_is_only_shown_runs_no_command_of_ours(page):
    """Except behind the preparation of an environment, which tests cannot do."""
    shown = [block.text for block in blocks(page) if block.language == "sh"]
    lines = [line for text in shown for line in text.splitlines() if "venv" not in line]
    assert [line for line in lines if re.search(r"(^|\| *)asynclog ", line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_distribution_has_another_name_than_the_package(page):
    """Whoever installs `asynclog` gets a program of somebody else."""
    assert re.search(r"pip install\s+['\"]?asynclog(?!-toolkit)\b", page.read_text()) is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_is_there(page):
    """Other pages of the project; where the documentation is built, Sphinx looks at the rest."""
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)[^)\s]*\)", FENCE.sub("", page.read_text()))
    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_the_picture_of_the_layers_names_what_exists():
    """Each module and package, once, and none that is yet to come."""
    page = ROOT / "docs/explanation/architecture.md"
    picture = next(one.text for one in blocks(page) if one.text.startswith(" cli "))
    named = [name for line in picture.splitlines() for name in line[:52].split()]
    package = ROOT / "asynclog"
    files = {path.stem for path in package.glob("[!_]*.py")}
    packages = {path.parent.name for path in package.glob("*/__init__.py")}
    assert sorted(named) == sorted(files | packages)


def test_the_two_commands_of_the_readme_end_in_what_runs_here(shell):
    """One makes an environment and runs the demonstration, one the tests."""
    (text,) = [block.text for block in blocks(ROOT / "README.md") if "venv" in block.text]
    demo, tests = text.splitlines()
    prepare = "python3 -m venv .venv && .venv/bin/pip install -qq -e '.[{}]' && "
    assert demo == prepare.format("cli") + ".venv/bin/asynclog demo"
    assert tests == prepare.format("test") + ".venv/bin/python -m pytest"
    assert "label switches per 100 lines" in shell(demo.rpartition(".venv/bin/")[2])
