"""How a captured exception is written."""

import json
import os
import traceback

import pytest

from asynclog.formatters.exceptions import (
    MAX_DEPTH,
    MAX_RENDERED,
    MAX_SOURCE_LINE,
    exception_tree,
    render_exception,
    source_line,
)
from asynclog.tracebacks import ExceptionInfo, Frame, capture


def _caught(work):
    try:
        work()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def _fail():
    raise ValueError("wrong")


def _recurse(depth):
    if depth:
        _recurse(depth - 1)
    raise ValueError("deep")


def _from_another():
    try:
        _fail()
    except ValueError as error:
        raise KeyError("k") from error


def _during_another():
    try:
        _fail()
    except ValueError:
        _recurse(0)


def _with_notes():
    error = ValueError("text")
    error.add_note("first\nsecond")
    raise error


def _group():
    raise ExceptionGroup("group", [_caught(_fail), TypeError("bare"), _caught(_from_another)])


def _nested_group():
    raise ExceptionGroup("outer", [ExceptionGroup("inner", [_caught(_fail)]), OSError("last")])


def _by_python(error):
    """Return what Python prints of *error*, without the marks under parts of lines."""
    lines = "".join(traceback.format_exception(error)).rstrip("\n").split("\n")
    return [line for line in lines if set(line) - set("|^~ ")]


@pytest.mark.parametrize(
    "work", [_fail, _from_another, _during_another, _with_notes, _group, lambda: _recurse(20)]
)
def test_the_text_is_what_python_prints(work):
    """Programs that look for tracebacks find these too; qualified names are the one addition."""
    error = _caught(work)
    lines = render_exception(capture(error)).replace("<lambda>", "_").split("\n")
    expected = "\n".join(_by_python(error)).replace("<lambda>", "_").split("\n")
    assert [line for line in lines if set(line) - set("| ")] == expected


def test_a_group_within_a_group_moves_to_the_right():
    """Members stand behind the bar of their own group."""
    text = render_exception(capture(_caught(_nested_group)))
    assert "\n    | ExceptionGroup: inner (1 sub-exception)\n    +-+--" in text
    assert "\n      | ValueError: wrong\n" in text


def test_frames_left_out_are_counted():
    """Between the two halves that were kept."""
    text = render_exception(capture(_caught(lambda: _recurse(300))))
    assert "\n  ... 239 frames omitted ...\n" in text


def test_a_chain_that_was_cut_says_so_first():
    """The oldest exceptions stand first, and they are the ones that are missing."""
    info = ExceptionInfo("ValueError", "new", truncated=True)
    assert render_exception(info).startswith("... more related exceptions, not captured\n\nValue")


def test_a_group_that_was_cut_says_so_last():
    """Members are missing from its end."""
    info = ExceptionInfo("G", "g", members=(ExceptionInfo("E", "e"),), truncated=True)
    assert "+---------------- more, not captured\n" in render_exception(info)


def test_an_exception_without_a_text_is_its_type():
    """No colon follows it."""
    assert render_exception(capture(ValueError())) == "ValueError"


def test_a_frame_without_source_is_two_halves_of_a_line():
    """Code from a string has no file to read."""
    info = ExceptionInfo("E", "e", frames=(Frame("<string>", 3, "f", "m"),))
    assert '\n  File "<string>", line 3, in f\nE: e' in render_exception(info)


def test_the_text_is_bounded():
    """The middle of a longer one is left out: both ends tell the most."""
    notes = tuple(f"note {i} {'x' * 10_000}" for i in range(20))
    text = render_exception(ExceptionInfo("E", "first", notes=notes))
    assert len(text) <= MAX_RENDERED
    assert text.startswith("E: first\n")
    assert "characters omitted" in text


def test_groups_that_are_too_deep_are_marked():
    """A hand-made tree may be deeper than a captured one."""
    info = ExceptionInfo("E", "e")
    for _ in range(3 * MAX_DEPTH):
        info = ExceptionInfo("G", "g", members=(info,))
    assert "... groups too deep" in render_exception(info)


def test_a_chain_that_is_too_long_is_cut():
    """A hand-made chain may be longer than a captured one."""
    info = ExceptionInfo("E", "0")
    for number in range(1, 5000):
        info = ExceptionInfo("E", str(number), cause=info)
    text = render_exception(info)
    assert text.startswith("... more related")
    assert text.endswith("E: 4999")


def test_a_line_of_source_is_read_and_stripped():
    """As a traceback shows it."""
    frame = capture(_caught(_fail)).frames[-1]
    assert source_line(frame) == 'raise ValueError("wrong")'


def test_a_line_of_source_that_is_given_is_not_read():
    """A redactor puts it there."""
    assert source_line(Frame(__file__, 1, "f", "m", source="given")) == "given"


def test_a_long_line_of_source_is_cut(tmp_path):
    """Generated code may have lines of any length."""
    path = tmp_path / "long.py"
    path.write_text("x" * 100_000)
    assert len(source_line(Frame(str(path), 1, "f", "m"))) == MAX_SOURCE_LINE


def test_a_pipe_in_the_place_of_source_is_not_read(tmp_path):
    """Reading it would never end."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert source_line(Frame(str(path), 1, "f", "m")) == ""


@pytest.mark.parametrize("path", ["\0", "/dev/zero", "no such file", "", "x" * 10_000])
def test_a_file_that_cannot_be_read_has_no_source(path):
    """The name of a code object's file may be anything."""
    assert source_line(Frame(path, 1, "f", "m")) == ""


def test_a_loader_that_fails_has_no_source(monkeypatch):
    """The source of a module may come from anywhere."""

    class Loader:
        def get_source(self, name):
            raise RuntimeError("no")

    module = type("Module", (), {"__name__": "odd", "__loader__": Loader()})
    monkeypatch.setitem(__import__("sys").modules, "odd", module)
    assert source_line(Frame("odd.py", 1, "f", "odd")) == ""


def test_the_tree_has_the_parts_that_there_are():
    """Empty parts are left out; the message never is."""
    assert exception_tree(ExceptionInfo("E", "")) == {"type": "E", "message": ""}


def test_the_tree_holds_all_that_is_related():
    """Frames, notes, causes and members, of JSON's own types."""
    tree = exception_tree(capture(_caught(_group)))
    assert [member["type"] for member in tree["members"]] == ["ValueError", "TypeError", "KeyError"]
    assert tree["members"][2]["cause"]["message"] == "wrong"
    assert json.loads(json.dumps(tree)) == tree


def test_a_frame_in_the_tree_has_its_parts():
    """A program can turn them into a link."""
    (frame,) = exception_tree(ExceptionInfo("E", "", (Frame("f.py", 3, "g", "m"),)))["frames"]
    assert frame == {"file": "f.py", "line": 3, "function": "g", "module": "m"}


def test_the_tree_is_bounded():
    """A hand-made chain may be longer than a captured one."""
    info = ExceptionInfo("E", "0")
    for _ in range(5000):
        info = ExceptionInfo("E", "0", cause=info)
    assert json.dumps(exception_tree(info)).count('"type"') == 32
