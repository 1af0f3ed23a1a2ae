"""A thread for the blocking calls of one sink."""

from __future__ import annotations

import threading

import pytest

from asynclog.sinks.writer import WriterThread


@pytest.fixture
def thread():
    """A writer thread, ended after the test."""
    one = WriterThread("test")
    yield one
    one.stop()


def test_calls_run_in_order_in_one_other_thread(thread):
    """Whoever submits them."""
    calls = [thread.submit(lambda i=i: (i, threading.current_thread().name)) for i in range(3)]
    assert [call.result(5) for call in calls] == [(0, "test"), (1, "test"), (2, "test")]


def test_an_error_belongs_to_whoever_waits(thread):
    """The thread goes on."""
    with pytest.raises(ZeroDivisionError):
        thread.submit(lambda: 1 / 0).result(5)
    assert thread.submit(lambda: "next").result(5) == "next"


def test_a_call_given_up_before_its_turn_is_not_run(thread):
    """And does not end the thread."""
    gate, ran = threading.Event(), []
    first = thread.submit(lambda: gate.wait(5))
    second = thread.submit(lambda: ran.append(2))
    third = thread.submit(lambda: ran.append(3))
    assert second.cancel()
    gate.set()
    third.result(5)
    assert (first.result(5), ran) == (True, [3])


def test_a_call_under_way_can_no_longer_be_given_up(thread):
    """Its outcome is told to whoever asks."""
    begun, gate = threading.Event(), threading.Event()
    call = thread.submit(lambda: begun.set() or gate.wait(5))
    begun.wait(5)
    assert not call.cancel()
    gate.set()
    assert call.result(5) is True


def test_stopped_it_finishes_what_it_was_given(thread):
    """And begins anew with the next call."""
    call = thread.submit(lambda: "last")
    thread.stop()
    thread.stop()
    assert [call.result(5), thread.submit(lambda: "again").result(5)] == ["last", "again"]
