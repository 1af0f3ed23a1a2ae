"""Jobs that nobody waits for."""

from __future__ import annotations

from . import printed_by


def test_what_nobody_waited_for_is_logged():
    """The job that failed, with its traceback, and the one that held up the loop, with the place."""
    lines = printed_by("jobs.py")
    assert "ERROR    [thumbnail broken.png]: Task exception was never retrieved" in lines
    assert "    ValueError: no such format" in lines
    (stall,) = [line for line in lines if "held up" in line]
    assert stall.startswith("WARNING  [asyncio]: the event loop was held up for 0.")
    assert stall.endswith(" in thumbnail")
