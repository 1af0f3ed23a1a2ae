"""Filters at work, on the logger, on a handler and on a sink."""

from __future__ import annotations

import asyncio

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.filters import all_of, at_least, deduplicated, labelled, rate_limited, sampled
from asynclog.handlers import Filtered
from asynclog.sinks import MemorySink

pytestmark = pytest.mark.virtual


def messages(sink):
    """Return the text of all lines in *sink*."""
    return [record.message for record in sink.records]


def logger_to(*handlers, **options):
    """Return a logger whose records carry the time of the virtual clock."""
    return BufferedLogger(10, 60, handlers=handlers, clock=asyncio.get_running_loop(), **options)


def drop_x(record):
    """Keep all but `x`."""
    return record.message != "x"


def fails(record):
    """A filter that fails."""
    raise ValueError(record.message)


async def test_the_loggers_filter_keeps_lines_from_all_handlers():
    """They are counted as rejected."""
    one, two = MemorySink(), MemorySink()
    async with logger_to(Handler(one), Handler(two), filter=drop_x) as logger:
        for message in "axb":
            logger.sender_with_label("a").info(message)
    counts = logger.statistics()
    assert (messages(one), messages(two)) == (["a", "b"], ["a", "b"])
    assert (counts.emitted, counts.dropped_by_cause) == (2, {"rejected by filters": 1})


async def test_a_sinks_filter_keeps_lines_from_that_sink_only():
    """A line that another sink writes is not dropped."""
    one, two = MemorySink(), MemorySink()
    async with logger_to(Handler(one, Filtered(two, drop_x))) as logger:
        for message in "axb":
            logger.sender_with_label("a").info(message)
    assert (messages(one), messages(two)) == (["a", "x", "b"], ["a", "b"])
    assert logger.statistics().dropped == 0


async def test_what_all_sinks_refuse_is_rejected():
    """Nobody has it."""
    sinks = [MemorySink(), MemorySink()]
    async with logger_to(Handler(*(Filtered(sink, drop_x) for sink in sinks))) as logger:
        logger.sender_with_label("a").info("x")
    assert logger.statistics().dropped_by_cause == {"rejected by filters": 1}


@pytest.mark.parametrize("place", ["logger", "handler", "sink"])
async def test_a_filter_that_fails_loses_nothing(place, capsys):
    """It is told of once."""
    sink = MemorySink()
    handler = {
        "logger": Handler(sink),
        "handler": Handler(sink, filter=fails),
        "sink": Handler(Filtered(sink, fails)),
    }[place]
    async with logger_to(handler, filter=fails if place == "logger" else None) as logger:
        for message in "ab":
            logger.sender_with_label("a").info(message)
    assert messages(sink) == ["a", "b"]
    assert capsys.readouterr().err.count("failed: ValueError") == 1


@pytest.mark.parametrize("bad", [3, "x"])
def test_a_bad_filter_is_refused(bad):
    """When it is given."""
    with pytest.raises(ValueError, match=r"filter: expected a callable or None"):
        BufferedLogger(1, 1, filter=bad)
    with pytest.raises(ValueError, match=r"filter: expected a callable"):
        Handler(Filtered(MemorySink(), bad))


# -- announcing ------------------------------------------------------------------------------------

BURST = "last message repeated 811 times: boom"


def repeating(sink, place):
    """Return a handler and the logger's options that deduplicate at *place*."""
    if place == "logger":
        return Handler(sink), {"filter": deduplicated(5)}
    if place == "handler":
        return Handler(sink, filter=deduplicated(5)), {}
    return Handler(Filtered(sink, deduplicated(5))), {}


@pytest.mark.parametrize("place", ["logger", "handler", "sink"])
async def test_repeats_are_announced_in_time_though_nothing_is_logged(place):
    """By a timer; they are not in the account, but counted as announced."""
    sink = MemorySink()
    handler, options = repeating(sink, place)
    async with logger_to(handler, **options) as logger:
        for _ in range(812):
            await logger.sender_with_label("a").error("boom")
        await logger.flush()
        await asyncio.sleep(7)
        await asyncio.sleep(60)
        assert messages(sink) == ["boom", BURST]
        counts = logger.statistics()
    assert (counts.accepted, counts.emitted, counts.announced) == (812, 1, 1)
    assert counts.dropped_by_cause == {"rejected by filters": 811}
    assert logger.statistics().announced == 1


@pytest.mark.parametrize("place", ["logger", "handler", "sink"])
async def test_closing_announces_what_is_still_held(place):
    """Nothing would be told of it later."""
    sink = MemorySink()
    handler, options = repeating(sink, place)
    async with logger_to(handler, **options) as logger:
        for _ in range(812):
            logger.sender_with_label("a").error("boom")
    assert messages(sink) == ["boom", BURST]


async def test_a_handler_that_is_replaced_announces_what_it_holds():
    """In its own stream, before it is closed."""
    old, new = MemorySink(), MemorySink()
    async with logger_to(Handler(old, filter=deduplicated(5))) as logger:
        for _ in range(812):
            logger.sender_with_label("a").error("boom")
        await logger.set_handlers(Handler(new))
        await asyncio.sleep(1)
        assert messages(old) == ["boom", BURST]
    assert messages(new) == []


async def test_a_flush_brings_what_is_due():
    """The window has ended, but the timer has not come."""
    sink = MemorySink()
    async with logger_to(Handler(sink, filter=deduplicated(0.5))) as logger:
        for _ in range(2):
            logger.sender_with_label("a").error("boom")
        await logger.flush()
        await asyncio.sleep(0.75)
        await logger.flush()
        assert messages(sink) == ["boom", "last message repeated 1 time: boom"]


@pytest.mark.parametrize(
    ("holds_back", "notice"),
    [
        (rate_limited(10), "90 lines held back: more than 10 a second"),
        (sampled(0.5, random=iter([0.1, 0.9] * 50).__next__), "50 lines held back: sampled at 0.5"),
        (all_of(rate_limited(10), labelled("a*")), "90 lines held back: more than 10 a second"),
    ],
)
async def test_every_filter_that_holds_back_says_so(holds_back, notice):
    """Ten seconds later."""
    sink = MemorySink()
    async with logger_to(Handler(sink, filter=holds_back)) as logger:
        for i in range(100):
            logger.sender_with_label("a").info(str(i))
        await asyncio.sleep(12)
        assert messages(sink)[-1] == notice


async def test_notices_are_not_filtered_again():
    """Neither by level nor by the filter that makes them."""
    sink = MemorySink()
    keep = all_of(rate_limited(1, burst=1), at_least("info"))
    async with logger_to(Handler(sink, filter=keep, level="info")) as logger:
        for i in range(3):
            logger.sender_with_label("a").info(str(i))
    assert messages(sink) == ["0", "2 lines held back: more than 1 a second"]


@pytest.mark.parametrize(("lines", "timers"), [(1, 0), (2, 1)])
async def test_a_filter_that_holds_nothing_wakes_nobody(lines, timers):
    """There is a timer only while there is something to tell."""
    async with logger_to(Handler(MemorySink(), filter=deduplicated(5))) as logger:
        for _ in range(lines):
            logger.sender_with_label("a").info("x")
        await logger.flush()
        scheduled = [repr(one) for one in asyncio.get_running_loop()._scheduled]
        assert sum("Sieve" in one for one in scheduled) == timers


class Broken:
    """A filter that keeps all, and fails when asked for notices."""

    holding = True

    def __call__(self, record):
        """Keep it."""
        return True

    def notices(self, now_ns, *, closing=False):
        """Fail."""
        raise ValueError("no notices")


async def test_a_filter_that_fails_to_announce_is_told_of_once(capsys):
    """And not asked all the time."""
    sink = MemorySink()
    async with logger_to(Handler(sink, filter=Broken())) as logger:
        logger.sender_with_label("a").info("x")
        await logger.flush()
    assert messages(sink) == ["x"]
    assert capsys.readouterr().err.count("no notices") == 1
