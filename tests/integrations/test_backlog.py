"""Lines that wait for somebody to take them."""

from __future__ import annotations

import pytest

from asynclog import lifecycle
from asynclog.integrations.backlog import Backlog
from tests.making import record


class Taker:
    """Takes records, as long as it is willing to."""

    def __init__(self, *, willing):
        self.willing, self.taken = willing, []

    def __call__(self, one):
        """Take it, or not."""
        if self.willing:
            self.taken.append(one.message)
        return self.willing


@pytest.fixture(name="taker")
def _taker():
    return Taker(willing=False)


@pytest.fixture(name="backlog")
def _backlog(taker):
    backlog = Backlog(3, taker)
    yield backlog
    backlog.disown()
    lifecycle.closed(backlog)


def test_what_can_be_passed_on_is(taker, backlog):
    """Nothing is kept, and nothing is held for the end of the process."""
    taker.willing = True
    backlog.add(record("a"))
    assert (taker.taken, len(backlog), backlog in lifecycle._open) == (["a"], 0, False)


def test_what_is_kept_goes_first(taker, backlog):
    """The order is that of the calls."""
    backlog.add(record("a"))
    assert backlog in lifecycle._open
    taker.willing = True
    backlog.add(record("b"))
    assert (taker.taken, len(backlog), backlog in lifecycle._open) == (["a", "b"], 0, False)


def test_release_stops_where_nobody_takes(taker, backlog):
    """What is left stays."""
    backlog.add(record("a"))
    backlog.release()
    assert (taker.taken, len(backlog)) == ([], 1)


def test_the_oldest_make_room(taker, backlog):
    """How many did is said before the others."""
    for i in range(5):
        backlog.add(record(str(i)))
    taker.willing = True
    backlog.release()
    assert taker.taken == ["2 lines dropped: queue full", "2", "3", "4"]


def test_losses_are_told_with_the_next_line(taker, backlog):
    """Also if nothing was ever kept."""
    taker.willing = True
    backlog.lose()
    backlog.add(record("a"))
    assert taker.taken == ["1 line dropped: queue full", "a"]


def test_losses_that_cannot_be_told_are_not_forgotten(taker, backlog):
    """They are told when that is possible."""
    backlog.lose()
    backlog.add(record("a"))
    taker.willing = True
    backlog.release()
    assert taker.taken == ["1 line dropped: queue full", "a"]


def test_at_the_end_all_is_written_to_stderr(backlog, capsys):
    """So is what comes later."""
    for i in range(4):
        backlog.add(record(str(i)))
    backlog.end()
    backlog.add(record("late"))
    told = [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()]
    assert told == ["1 line dropped: queue full", "1", "2", "3", "late"]
    assert backlog not in lifecycle._open


def test_a_forked_child_has_nothing(taker, backlog):
    """Whatever a thread of the parent was doing."""
    backlog.add(record("a"))
    backlog._releasing.acquire()
    backlog.disown()
    taker.willing = True
    backlog.add(record("b"))
    backlog.release()
    assert taker.taken == ["b"]
