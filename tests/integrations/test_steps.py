"""Which slow steps of the loop are told."""

import asyncio

import pytest

import asynclog
from asynclog import BufferedLogger, Handler
from asynclog.integrations import asyncio as reports
from asynclog.integrations import stdlib
from asynclog.integrations.steps import PAUSE, SlowSteps
from asynclog.sinks import MemorySink

FOLDER = asynclog.__path__[0]
OWN = f"Executing <Task pending coro=<Worker._run() running at {FOLDER}/worker.py:7>> took {{}} seconds"
OTHER = (
    f"Executing <Task pending coro=<work() running at a.py:7> wait_for={FOLDER}> took 0.500 seconds"
)


def test_a_step_that_took_no_time_is_not_told():
    """Whoever's it is: to tell it takes longer."""
    assert not SlowSteps(lambda: 0.0).are_told("Executing <Handle f()> took 0.000 seconds")


def test_a_step_of_the_program_is_told_each_time():
    """Even where it waits for asynclog."""
    steps = SlowSteps(lambda: 0.0)
    assert [steps.are_told(OTHER) for _ in range(2)] == [True, True]


@pytest.mark.parametrize("state", ["running", "done, defined"])
def test_a_step_of_asynclogs_own_is_told_once_in_a_while(state):
    """A formatter may be slow; but the warning has to be formatted, too."""
    times = iter([0.0, 0.0, 0.0, PAUSE - 1, PAUSE, PAUSE])
    steps = SlowSteps(lambda: next(times))
    text = OWN.format("0.250").replace("running", state)
    assert [steps.are_told(text) for _ in range(3)] == [True, False, True]


def test_what_else_asyncio_says_is_told():
    """Whatever it is about."""
    assert SlowSteps(lambda: 0.0).are_told("Using selector: EpollSelector")


@pytest.mark.virtual
@pytest.mark.parametrize("bridge", [reports, stdlib])
async def test_where_every_step_is_slow_a_warning_does_not_bring_the_next(bridge):
    """Each line is written at once; so the loop would never rest again."""
    loop, sink = asyncio.get_running_loop(), MemorySink()
    async with BufferedLogger(0, 0, handlers=Handler(sink)) as builder:
        bridge.install(builder)
        loop.set_debug(True)
        loop.slow_callback_duration = 0
        for _ in range(200):
            await asyncio.sleep(0)
        loop.set_debug(False)
        bridge.uninstall()
    assert sink.records == []
