"""Line breaks in messages and exceptions."""

from __future__ import annotations

from asynclog.formatters.cutting import MAX_FIELD
from asynclog.formatters.multiline import WAYS, Escaped, Indented
from asynclog.tracebacks import ExceptionInfo, Frame

FAILURE = ExceptionInfo(
    type="OSError", message="gone\n\x1b[31m", frames=(Frame("app.py", 3, "sync", "app"),)
)


def test_a_message_is_put_on_one_line():
    """With its breaks shown."""
    assert Escaped().message("a\nb") == r"a\nb"


def test_an_exception_is_put_on_one_line():
    """With bars between its lines."""
    assert Escaped().exception(FAILURE) == (
        'Traceback (most recent call last): | File "app.py", line 3, in sync | OSError: gone'
        r" | \x1b[31m"
    )


def test_an_exception_follows_its_line_behind_a_bar():
    """On the same line."""
    assert Escaped().tail(ExceptionInfo("OSError", "gone")) == " | OSError: gone"


def test_the_lines_of_a_message_are_indented():
    """All but the first, and other controls are escaped."""
    assert Indented().message("a\r\nb\n\nc\rd\x85") == "a\n    b\n    \n    c\\rd\\x85"


def test_a_long_message_is_cut():
    """With its whole length told."""
    message = Indented().message("\n" * (MAX_FIELD + 5))

    assert message.endswith("\n    <cut: 131,077 characters>")


def test_an_exception_follows_its_line_indented():
    """With its own indentation kept."""
    assert Indented().tail(FAILURE).split("\n")[1:4] == [
        "    Traceback (most recent call last):",
        '      File "app.py", line 3, in sync',
        "    OSError: gone",
    ]


def test_ways_have_names():
    """Those of the formatter's option."""
    assert list(WAYS) == ["escape", "indent"]
