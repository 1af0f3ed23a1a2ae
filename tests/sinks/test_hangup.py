"""SIGHUP."""

from __future__ import annotations

import signal
import threading

import pytest

from asynclog.sinks import hangup


@pytest.fixture(autouse=True)
def before():
    """Leave the signal as it was."""
    previous = signal.getsignal(signal.SIGHUP)
    yield previous
    assert signal.getsignal(signal.SIGHUP) is previous


def test_every_watcher_is_called():
    """And none that has gone."""
    calls = []
    watchers = [lambda: calls.append("a"), lambda: calls.append("b")]
    for watcher in watchers:
        hangup.watch(watcher)
    signal.raise_signal(signal.SIGHUP)
    hangup.unwatch(watchers[0])
    signal.raise_signal(signal.SIGHUP)
    hangup.unwatch(watchers[1])
    assert calls == ["a", "b", "b"]


def test_who_watches_twice_is_called_once():
    """And one goodbye is enough."""
    calls = []
    watcher = lambda: calls.append("a")  # noqa: E731 - to be taken off again
    hangup.watch(watcher)
    hangup.watch(watcher)
    signal.raise_signal(signal.SIGHUP)
    hangup.unwatch(watcher)
    assert calls == ["a"]


def test_a_handler_of_the_program_is_still_called():
    """It was there first."""
    calls = []
    previous = signal.signal(signal.SIGHUP, lambda *_: calls.append("program"))
    watcher = lambda: calls.append("sink")  # noqa: E731 - to be taken off again
    hangup.watch(watcher)
    signal.raise_signal(signal.SIGHUP)
    hangup.unwatch(watcher)
    signal.raise_signal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, previous)
    assert calls == ["sink", "program", "program"]


def test_a_handler_that_came_later_is_left_alone():
    """It is not for us to take it away."""
    later = lambda *_: None  # noqa: E731 - compared by identity
    watcher = lambda: None  # noqa: E731 - to be taken off again
    previous = signal.getsignal(signal.SIGHUP)
    hangup.watch(watcher)
    signal.signal(signal.SIGHUP, later)
    hangup.unwatch(watcher)
    assert signal.signal(signal.SIGHUP, previous) is later


def test_unwatching_what_was_never_watched_does_nothing():
    """A sink closes without having been opened."""
    hangup.unwatch(print)


def test_another_thread_gets_a_clear_error():
    """Python handles signals in the main thread only."""
    errors = []

    def watch():
        try:
            hangup.watch(print)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=watch)
    thread.start()
    thread.join()
    assert errors == ["SIGHUP can be handled in the main thread only"]
