"""The logger of a process."""

from __future__ import annotations

import gc
import sys
import threading
from collections import deque

import pytest

from asynclog import BufferedLogger, Handler, current
from asynclog.sinks import NullSink


class Following:
    """Counts changes."""

    changes = 0

    def changed(self):
        """Count."""
        self.changes += 1


@pytest.fixture(autouse=True)
def _nothing_open(monkeypatch):
    monkeypatch.setattr(current, "_entries", [])
    monkeypatch.setattr(current, "_last", None)


def logger():
    """Return a logger."""
    return BufferedLogger(10, 1.0, handlers=Handler(NullSink()))


async def test_the_logger_opened_last_is_the_one():
    """When it closes, the one before is it again; in the end, the last one that was."""
    assert current.entry() is None
    async with logger():
        outer = current.entry()
        async with logger():
            assert current.entry() not in (None, outer)
        assert current.entry() is outer
    assert current.entry() is outer


async def test_a_logger_that_was_never_opened_is_not_the_one():
    """Nor when it closes."""
    await logger().aclose()
    assert current.entry() is None


async def test_followers_are_told_as_long_as_they_live():
    """Of opening and of closing."""
    follower, gone = Following(), Following()
    current.follow(follower)
    current.follow(gone)
    del gone
    gc.collect()
    async with logger():
        assert follower.changes == 1
    assert follower.changes == 2


def test_followers_may_come_in_one_thread_while_they_are_told_in_another(monkeypatch):
    """As handlers of `logging` that are made while a loop opens its logger."""
    monkeypatch.setattr(current, "_followers", type(current._followers)())
    before, over = sys.getswitchinterval(), threading.Event()

    def come():
        followers = deque(maxlen=100)
        while not over.is_set():
            followers.append(Following())
            current.follow(followers[-1])

    thread = threading.Thread(target=come)
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        for _ in range(1_000):
            current.closed(None)
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)


def test_in_a_forked_child_no_logger_is_open():
    """That of the parent can be written through."""
    one = object()
    current.opened(one)
    current._leave_to_parent()
    assert (current.entry(), current._entries) == (one, [])
