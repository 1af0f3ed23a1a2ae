"""Loggers that nobody closed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from asynclog import lifecycle
from asynclog.origins import current_origin


class Open:
    """Something open, which notes what becomes of it."""

    def __init__(self, error=None):
        self.fate = []
        self.error = error

    def end(self):
        """Note it."""
        self.fate.append("ended")
        if self.error:
            raise self.error

    def disown(self):
        """Note it."""
        self.fate.append("disowned")

    def __repr__(self):
        return "Open()"


@pytest.fixture(autouse=True)
def _nothing_open(monkeypatch):
    monkeypatch.setattr(lifecycle, "_open", set())


def test_what_is_open_at_the_end_is_ended_once():
    """Its lines are written."""
    one = Open()
    lifecycle.opened(one)
    lifecycle.write_all()
    lifecycle.write_all()
    assert one.fate == ["ended"]


def test_what_was_closed_is_left_alone():
    """Closing twice is closing once."""
    one = Open()
    lifecycle.opened(one)
    lifecycle.closed(one)
    lifecycle.closed(one)
    lifecycle.write_all()
    assert one.fate == []


def test_one_that_fails_to_end_holds_up_no_other(capsys):
    """Both are ended, and the fault is told of."""
    both = Open(OSError("full")), Open(ResourceWarning("unclosed"))
    for one in both:
        lifecycle.opened(one)
    lifecycle.write_all()
    assert [one.fate for one in both] == [["ended"], ["ended"]]
    told = sorted(capsys.readouterr().err.splitlines())
    assert told == [
        "asynclog: ending Open(): OSError: full",
        "asynclog: ending Open(): ResourceWarning: unclosed",
    ]


def test_a_logger_that_was_never_closed_is_warned_of():
    """The warning points at the caller of whoever warns."""

    def finaliser():
        lifecycle.warn_unclosed(Open())

    with pytest.warns(ResourceWarning, match=r"^unclosed Open\(\)$") as told:
        finaliser()
    assert told[0].filename == __file__


def in_child(look):
    """Return what *look* returns in a forked child, as text."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, str(look()).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as told:
        return told.read()


def test_what_is_disowned_is_not_ended():
    """Its lines are another process's."""
    one = Open()
    lifecycle.opened(one)
    lifecycle._disown_all()
    lifecycle.write_all()
    assert one.fate == ["disowned"]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_leaves_alone_what_is_its_parent_s():
    """It writes none of its lines, at its end either."""
    one = Open()
    lifecycle.opened(one)
    assert in_child(lambda: lifecycle.write_all() or one.fate) == "['disowned']"
    assert one.fate == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_an_origin_of_its_own():
    """Its lines do not carry the parent's process id."""
    assert current_origin().process_id == os.getpid()
    assert in_child(lambda: current_origin().process_id == os.getpid()) == "True"


PROGRAM = """
    import asyncio, sys
    from asynclog import BufferedLogger, Handler
    from asynclog.sinks import FileSink

    class Text:
        def format(self, record):
            return record.message

    async def main():
        logger = await BufferedLogger(100, 60, handlers=Handler(FileSink(sys.argv[1]), formatter=Text())).open()
        sender = logger.sender_with_label("a")
        for i in range(250):
            await sender.info(str(i))
        {middle}
        globals()["kept"] = {keep}

    {end}
"""


def finish(path, *options, middle="", keep="logger", end="asyncio.run(main())"):
    """Return what a program that never closes its logger wrote, and how it ended."""
    program = textwrap.dedent(PROGRAM).format(middle=middle, keep=keep, end=end)
    done = subprocess.run(
        [sys.executable, *options, "-c", program, str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return path.read_text().split(), done


@pytest.mark.parametrize(
    "options", [(), ("-X", "dev"), ("-W", "error"), ("-X", "dev", "-W", "error")]
)
@pytest.mark.parametrize("keep", ["logger", "sender", "None"])
def test_all_lines_are_written_when_the_interpreter_ends(tmp_path, options, keep):
    """Whatever becomes of warnings, and whoever still holds the logger."""
    lines, done = finish(tmp_path / "log", *options, keep=keep)
    assert lines == [str(i) for i in range(250)]
    assert done.returncode == 0


def test_the_end_of_the_interpreter_tells_of_the_unclosed_logger(tmp_path):
    """Where the program asks for such warnings."""
    _, done = finish(tmp_path / "log", "-X", "dev")
    assert "ResourceWarning: unclosed BufferedLogger" in done.stderr


@pytest.mark.parametrize(
    ("middle", "code"),
    [("sys.exit(3)", 3), ("raise KeyError('x')", 1), ("await asyncio.sleep(0.1)", 0)],
)
def test_all_lines_are_written_however_the_program_ends(tmp_path, middle, code):
    """By itself, by its own wish, or by an error."""
    lines, done = finish(tmp_path / "log", middle=middle)
    assert lines == [str(i) for i in range(250)]
    assert done.returncode == code


def test_all_lines_are_written_once_although_a_child_was_forked(tmp_path):
    """The child ends normally too, and has the parent's lines in its memory."""
    middle = "import os; pid = os.fork(); pid or sys.exit(0); os.waitpid(pid, 0)"
    lines, _ = finish(tmp_path / "log", middle=middle)
    assert lines == [str(i) for i in range(250)]
