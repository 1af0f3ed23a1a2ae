"""Nowhere."""

from __future__ import annotations

import gc
import sys

import pytest

from asynclog.protocols import LastGaspSink, Sink
from asynclog.sinks import NullSink
from asynclog.testing import check_sink

from ..making import batch_of

pytestmark = pytest.mark.virtual


async def test_it_keeps_no_line():
    """Not even the last one."""
    sink, batch = NullSink(), batch_of("a")
    gc.collect()
    before = sys.getrefcount(batch)
    await sink.write(batch)
    sink.write_now(batch)
    assert sys.getrefcount(batch) == before


async def test_it_keeps_the_promises_of_a_sink():
    """All but that lines arrive."""
    await check_sink(NullSink())
    assert repr(NullSink()) == "NullSink()"


def test_it_is_a_sink_that_needs_no_loop():
    """It takes lines when the interpreter ends, too."""
    assert isinstance(NullSink(), Sink)
    assert isinstance(NullSink(), LastGaspSink)
