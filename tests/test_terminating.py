"""SIGTERM, for a process that has not taken care of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import types

import pytest

from asynclog import terminating


@pytest.fixture(autouse=True)
def _as_before():
    """Leave the signal as it was."""
    known = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, known)


def nothing():
    """Write nothing."""


def test_a_signal_that_nobody_handles_is_watched_for():
    """Until it is left to the system again."""
    terminating.watch(nothing)
    assert signal.getsignal(signal.SIGTERM) is terminating._terminate
    terminating.unwatch()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("known", [signal.SIG_IGN, print])
def test_a_signal_that_somebody_handles_is_left_to_them(known):
    """Also if they do so later."""
    signal.signal(signal.SIGTERM, known)
    terminating.watch(nothing)
    assert signal.getsignal(signal.SIGTERM) == known
    terminating.unwatch()
    assert signal.getsignal(signal.SIGTERM) == known


def test_another_thread_leaves_it_as_it_is():
    """Python allows it to the main thread only."""
    thread = threading.Thread(target=lambda: (terminating.watch(nothing), terminating.unwatch()))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def frame(*names):
    """Return the frame of the first of modules that have called each other in this order."""
    inner = None
    for name in reversed(names):
        inner = types.SimpleNamespace(f_globals={"__name__": name}, f_back=inner)
    return inner


@pytest.mark.parametrize(
    ("modules", "at_work"),
    [
        (["time", "shop.main"], False),
        (["asynclog.collector", "asynclog.senders", "shop.main"], True),
        (["msgspec", "asynclog.formatters.json"], True),
        (["shop.main", "asynclog.integrations.asgi.middleware"], False),
        (["shop.main", "asynclog.cli.demo"], False),
        (["asynclogger.x", "shop.main"], False),
    ],
)
def test_a_logger_that_is_at_work_is_noticed(modules, at_work):
    """Its state may be halfway; code of the program that it calls is no reason to wait."""
    assert terminating._is_at_work(frame(*modules)) is at_work


PRELUDE = """
import asyncio, os, signal, threading, time
from asynclog import terminating

def write_all():
    print("written", flush=True)

def terminate():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.01)

def at_work():
    terminate()
    print("finished", flush=True)

terminating.watch(write_all)
work = {**globals(), "__name__": "asynclog.collector"}  # where `at_work` seems to be defined
at_work = type(at_work)(at_work.__code__, work)
"""


def run(body):
    """Return what a program printed before the signal ended it."""
    program = f"{PRELUDE}{textwrap.dedent(body)}\ntime.sleep(20)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=15, check=False
    )
    assert done.returncode == -signal.SIGTERM, done.stderr
    return done.stdout.split()


def test_what_is_held_is_written_and_then_the_process_dies_of_it():
    """As whoever sent the signal expects."""
    assert run("terminate()") == ["written"]


def test_a_loop_writes_when_the_logger_has_finished_its_step():
    """In its next turn."""
    body = """
        async def main():
            at_work()
            await asyncio.sleep(20)
        asyncio.run(main())
    """
    assert run(body) == ["finished", "written"]


def test_without_a_loop_it_is_tried_again():
    """A moment later."""
    assert run("at_work()") == ["finished", "written"]


def test_a_second_signal_ends_it_at_once():
    """Whoever is in a hurry does not wait for a sink that hangs."""
    body = """
        def write_all():
            print("begun", flush=True)
            terminate()
            print("never", flush=True)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        terminating.watch(write_all)
        terminate()
    """
    assert run(body) == ["begun"]


def test_uvloop_hears_of_it():
    """Its loop waits in C, where Python's handlers do not run by themselves."""
    pytest.importorskip("uvloop")
    body = """
        import uvloop
        async def main():
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
            await asyncio.sleep(20)
        uvloop.run(main())
    """
    assert run(body) == ["written"]


def test_watching_costs_no_child_its_default_end():
    """What is executed anew begins with the signal as the system has it."""
    terminating.watch(nothing)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
    os.kill(child.pid, signal.SIGTERM)
    assert child.wait(10) == -signal.SIGTERM
