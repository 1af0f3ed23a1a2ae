"""The time of a record."""

from __future__ import annotations

import time

from asynclog.clock import SystemClock


def test_the_system_clock_tells_nanoseconds_since_the_epoch():
    """It stands between two looks at the operating system's own."""
    before = time.time_ns()
    told = SystemClock().time_ns()
    assert before <= told <= time.time_ns()


def test_asking_the_clock_costs_no_call_of_python_code():
    """It is on the hot path."""
    assert SystemClock().time_ns is time.time_ns
