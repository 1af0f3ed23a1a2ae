"""Records that come again."""

import pytest

from asynclog.central.counting import Counting
from asynclog.central.known import MAX_KNOWN, Known
from asynclog.records import Record
from asynclog.tracebacks import ExceptionInfo

SECOND = 1_000_000_000


def line(message="text", level=40, label="a", *, seconds=1.5, **fields):
    """Return a record of the second that is counted, unless told otherwise."""
    return Record(int(seconds * SECOND), level, label, message, **fields)


@pytest.fixture(name="counting")
def _counting():
    return Counting()


@pytest.fixture(name="by")
def _by(counting):
    """What counts lines of one group."""
    counting.add(1, 40, "g", b"")
    return counting.count(1, 40, "g", bytes)


@pytest.fixture(name="known")
def _known(by):
    known = Known()
    known.keep(line(), by)
    return known


def test_one_that_came_before_is_counted(known, counting):
    """With whatever attributes."""
    assert known.count(line())
    assert known.count(line(attributes={"user": 5}))

    assert counting.events == 4


@pytest.mark.parametrize(
    "other",
    [
        line("other"),
        line(attributes={"fingerprint": "own"}),
        line(exception=ExceptionInfo("E", "", ())),
        line(template="text {}"),
        line(seconds=0.9),
        line(seconds=2.0),
        line(level=50),
        line(label="b"),
    ],
)
def test_another_one_is_not(known, counting, other):
    """It may be of another group, or of another second."""
    assert not known.count(other)
    assert counting.events == 2


def test_what_differs_in_its_values_is_known_by_its_template(known, by):
    """As its group is."""
    known.keep(line("took 5 s", template="took {} s"), by)

    assert known.count(line("took 6 s", template="took {} s"))
    assert not known.count(line("took 5 s"))


def test_a_span_that_is_closed_or_used_up_counts_nothing(known, by):
    """Whoever took the tally would not see it."""
    by[1].close()
    assert not known.count(line())


@pytest.mark.parametrize("other", [line("x" * 513), line(attributes={"fingerprint": "own"})])
def test_what_is_long_or_names_its_group_is_not_kept(known, by, other):
    """The one for the memory, the other because its text says nothing."""
    known.keep(other, by)

    assert len(known) == 1


def test_what_is_kept_is_bounded(by):
    """A program that makes new texts all the time does not fill the memory."""
    known = Known()
    for number in range(MAX_KNOWN + 10):
        known.keep(line(f"text {number}"), by)

    assert len(known) == 10
