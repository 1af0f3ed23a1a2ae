"""A thread for the blocking calls of one sink."""

from __future__ import annotations

import os
import threading
import weakref

import pytest

from asynclog.errors import SinkError
from asynclog.scope import INSIDE_PIPELINE, current_scope
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


def test_a_thread_that_was_stopped_is_waited_for(thread):
    """Calls come one after the other, also where one takes long and the next come later."""
    gate, done = threading.Event(), []
    thread.submit(lambda: gate.wait(5) and done.append("slow"))
    thread.stop()
    last = thread.submit(lambda: done.append("last"))
    with pytest.raises(TimeoutError):
        last.result(0.02)
    gate.set()
    last.result(5)
    assert done == ["slow", "last"]


def test_threads_that_submit_at_once_share_one_thread(thread):
    """None is started twice."""
    barrier, calls = threading.Barrier(8), []

    def submit():
        barrier.wait()
        calls.append(thread.submit(threading.get_ident))

    submitters = [threading.Thread(target=submit) for _ in range(8)]
    for one in submitters:
        one.start()
    for one in submitters:
        one.join()
    assert len({call.result(5) for call in calls}) == 1


def test_a_system_without_threads_is_said_to_have_none(thread, monkeypatch):
    """It may have some later: the lines are kept meanwhile."""

    def fail(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with pytest.raises(SinkError, match="no thread to write in: can't start new thread"):
            thread.submit(lambda: 1)
    assert thread.submit(lambda: 2).result(5) == 2


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_a_thread_of_its_own(thread):
    """That of the parent does not exist there."""
    thread.submit(lambda: None).result(5)
    if (child := os.fork()) == 0:
        os._exit(thread.submit(lambda: 7).result(5))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_it_works_inside_the_pipeline(thread):
    """What a sink logs there is known as such."""
    assert thread.submit(current_scope.get).result(5) is INSIDE_PIPELINE


def test_it_keeps_nothing_of_the_last_call(thread):
    """A batch may be large, and the next one far away."""

    class Large:
        pass

    large = Large()
    known = weakref.ref(large)
    thread.submit(lambda large=large: None).result(5)
    del large
    thread.submit(lambda: None).result(5)
    assert known() is None


def test_it_does_not_keep_the_interpreter_from_ending(thread):
    """A call may never return."""
    thread.submit(lambda: None)
    assert thread._thread.daemon
