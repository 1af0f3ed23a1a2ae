"""Event loops, and what every test may use."""

import asyncio
import signal
import sys

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

from asynclog.testing import VirtualLoop

settings.register_profile("asynclog", deadline=None)  # benchmarks measure time; tests may be slow
settings.load_profile("asynclog")


def _loop_in_debug_mode():
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    return loop


def _loop_with_eager_tasks():
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    return loop


def _every_loop():
    loops = {"asyncio": asyncio.new_event_loop, "debug": _loop_in_debug_mode}
    if sys.version_info >= (3, 12):
        loops["eager"] = _loop_with_eager_tasks
    try:
        import uvloop
    except ImportError:  # there is none for this platform
        return loops
    return {**loops, "uvloop": uvloop.new_event_loop}


def pytest_configure(config):
    """Explain the marker of this file."""
    config.addinivalue_line(
        "markers", "every_loop: also runs in debug mode, with eager tasks, and on uvloop"
    )
    config.addinivalue_line("markers", "virtual: runs on virtual time, where waiting takes none")
    _heed_signals()


def _heed_signals():
    """Let signals end what tests start, which would inherit that they are ignored.

    A shell does so with SIGINT in what it runs in the background, and `nohup` with SIGHUP.
    """
    for number, usual in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_asyncio_loop_factories(config, item):
    """Say on which event loops a test runs."""
    if item.get_closest_marker("every_loop"):
        return _every_loop()
    if item.get_closest_marker("virtual"):
        return {"virtual": VirtualLoop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(name="never_blocking")
def _never_blocking():
    """Let a call fail with `BlockingError` that asynclog makes on the loop and that can block."""
    with blockbuster_ctx("asynclog"):
        yield
