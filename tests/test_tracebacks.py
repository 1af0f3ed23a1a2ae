"""Exceptions as plain, bounded data."""

import gc
import sys
import weakref
from itertools import pairwise

import pytest

from asynclog.tracebacks import (
    MAX_FRAMES,
    MAX_MEMBERS,
    MAX_RELATED,
    MAX_TEXT,
    capture,
    type_name,
    walk_chain,
)

from .making import HostileError


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


def _chained(*errors):
    """Return the last of *errors*, each the cause of the next."""
    for cause, error in pairwise(errors):
        error.__cause__ = cause
    return errors[-1]


def _count(info):
    return 1 + sum(_count(one) for one in (info.cause, info.context, *info.members) if one)


def test_an_exception_is_kept_by_type_text_and_frames():
    """What the last lines of a traceback say."""
    info = capture(_caught(_fail))
    assert (info.type, info.message) == ("ValueError", "wrong")
    assert [frame.function for frame in info.frames] == ["_caught", "_fail"]


def test_a_frame_knows_where_it_is():
    """File, line and module."""
    frame = capture(_caught(_fail)).frames[-1]
    assert (frame.file, frame.module) == (__file__, __name__)
    assert frame.line == _fail.__code__.co_firstlineno + 1


def test_an_exception_that_was_never_raised_has_no_frames():
    """There is no traceback to show."""
    assert capture(KeyError("k")).frames == ()


def test_the_type_has_its_module_in_front():
    """As Python's own traceback prints it."""
    assert type_name(HostileError) == "tests.making.HostileError"


@pytest.mark.parametrize("module", ["builtins", "__main__", None, 5])
def test_a_type_without_a_telling_module_is_its_name(module):
    """A class may set its module to anything."""
    kind = type("Odd", (Exception,), {"__module__": module})
    assert type_name(kind) == "Odd"


def test_the_outermost_and_the_innermost_frames_are_kept():
    """A runaway recursion is cut in the middle."""
    info = capture(_caught(lambda: _recurse(300)))
    assert len(info.frames) == MAX_FRAMES
    assert info.omitted == 303 - MAX_FRAMES
    assert info.frames[0].function == "_caught"


def test_as_many_frames_as_allowed_are_all_kept():
    """The bound itself is not beyond it."""
    info = capture(_caught(lambda: _recurse(MAX_FRAMES - 3)))
    assert (len(info.frames), info.omitted) == (MAX_FRAMES, 0)


def test_a_cause_is_kept_and_hides_the_context():
    """`raise ... from ...` inside an `except`."""
    error = KeyError("late")
    error.__context__ = OSError("between")
    info = capture(_chained(ValueError("early"), error))
    assert info.cause.message == "early"
    assert info.context is None


def test_a_context_is_kept():
    """An error while another one is handled."""
    error = KeyError("late")
    error.__context__ = OSError("early")
    assert capture(error).context.message == "early"


def test_a_context_that_was_hidden_stays_hidden():
    """`raise ... from None`."""
    error = KeyError("late")
    error.__context__ = OSError("early")
    error.__suppress_context__ = True
    assert capture(error).context is None


def test_a_cycle_of_causes_ends():
    """Each exception is taken once, and nothing is said to be missing."""
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    info = capture(one)
    assert [link.message for link in walk_chain(info)] == ["one", "two"]
    assert not info.cause.truncated


def test_an_exception_that_is_its_own_context_ends():
    """The smallest cycle."""
    error = ValueError("self")
    error.__context__ = error
    assert capture(error).context is None


def test_a_chain_of_ten_thousand_is_cut_and_says_so():
    """The newest are kept, which are the ones that are seen first."""
    info = capture(_chained(*(ValueError(str(i)) for i in range(10_000))))
    links = list(walk_chain(info))
    assert (len(links), links[0].message) == (MAX_RELATED, "9999")
    assert links[-1].truncated


def test_a_group_of_a_thousand_is_cut_and_says_so():
    """As long as the first members are there, the others would say little more."""
    info = capture(ExceptionGroup("many", [ValueError(str(i)) for i in range(1000)]))
    assert len(info.members) == MAX_MEMBERS
    assert info.truncated


def test_groups_within_groups_share_one_bound():
    """A tree of exceptions does not multiply the bound by its branches."""
    group = ExceptionGroup("leaf", [ValueError()] * 2)
    for _ in range(6):
        group = ExceptionGroup("node", [group, ExceptionGroup("twin", [ValueError(), group])])
    assert _count(capture(group)) <= 2 * MAX_RELATED


def test_a_member_that_was_taken_elsewhere_is_named_again():
    """A group counts its members; the whole exception stands in one place only."""
    error = _caught(_fail)
    info = capture(ExceptionGroup("twice", [error, error]))
    first, second = info.members
    assert (len(first.frames), second.frames, second.message) == (2, (), "wrong")


def test_an_exception_whose_text_fails_is_kept_by_its_type():
    """The record is not lost because of it."""
    assert capture(HostileError()).message == "<unprintable: ValueError>"


def test_long_texts_are_cut():
    """Both the exception's own and its notes."""
    error = ValueError("x" * 10_000_000)
    error.add_note("y" * 10_000_000)
    info = capture(error)
    assert (len(info.message), len(info.notes[0])) == (MAX_TEXT, MAX_TEXT)


def test_a_text_of_a_subclass_of_str_is_made_exact():
    """A subclass may lie in any of its methods, and keeps whatever it holds alive."""

    class Text(str):
        __slots__ = ("held",)

    class OddError(Exception):
        def __str__(self):
            return Text("text")

    assert type(capture(OddError()).message) is str


def test_notes_are_kept():
    """In the order in which they were added."""
    error = ValueError()
    error.add_note("one")
    error.add_note("two")
    assert capture(error).notes == ("one", "two")


@pytest.mark.parametrize("notes", ["text", 5, {1: 2}, [3, None]])
def test_notes_of_another_kind_are_left_out(notes):
    """Nothing stops a class from having any `__notes__`."""
    error = ValueError()
    error.__notes__ = notes
    assert capture(error).notes == ()


def test_a_note_that_is_no_text_is_not_asked_for_its_class():
    """Its answer may be an exception."""
    error = ValueError()
    error.__notes__ = ["one", type("Odd", (), {"__class__": property(lambda self: 1 / 0)})()]
    assert capture(error).notes == ("one",)


def test_a_type_whose_metaclass_raises_has_its_name():
    """And its module, which Python stored."""
    meta = type("Meta", (type,), {"__getattribute__": lambda cls, name: 1 / 0})
    odd = meta("OddError", (ValueError,), {"__module__": "app"})
    assert capture(odd()).type == "app.OddError"


def test_a_class_that_overrides_the_machinery_does_not_get_in_the_way():
    """What Python itself stored is what counts."""

    def fail(self):
        raise RuntimeError("no")

    hidden = property(fail)
    names = ("__cause__", "__context__", "__traceback__", "__notes__", "__suppress_context__")
    error = type("Odd", (ValueError,), dict.fromkeys(names, hidden))("text")
    assert capture(error).message == "text"


def test_a_group_that_lies_about_its_members_does_not_get_in_the_way():
    """The members are those that Python stored."""
    lying = type("Lying", (ExceptionGroup,), {"exceptions": property(lambda self: 1 / 0)})
    assert len(capture(lying("text", [ValueError()])).members) == 1


def test_nothing_of_the_exception_is_kept_alive():
    """Frames hold every local variable of every caller."""

    class Big:
        pass

    def fail():
        big = Big()
        seen.append(weakref.ref(big))
        raise ValueError(big)

    seen = []
    info = capture(_caught(fail))
    gc.collect()
    assert info.frames
    assert seen[0]() is None


def test_a_very_deep_stack_is_cut_like_any_other():
    """A stack of 9,000 frames makes the same two halves as one of 100."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_500)
    try:
        info = capture(_caught(lambda: _recurse(9_000)))
    finally:
        sys.setrecursionlimit(limit)
    assert len(info.frames) == MAX_FRAMES
