"""Jobs that nobody waits for."""

from __future__ import annotations

from . import printed_by


def test_what_nobody_waited_for_is_logged():
    """The job that failed, with its traceback, and the one that held up the loop, with the place."""
    lines = printed_by("jobs.py")
    assert "ERROR    [thumbnail broken.png]: Task exception was never retrieved" in lines
    assert "    ValueError: no such format" in lines
    stalls = [line for line in lines if "the event loop was held up for " in line]
    assert any(line.endswith(" in thumbnail") for line in stalls)  # a busy machine may add others
