"""When buffers go out, and what happens when there is no room."""

import asyncio
import gc
import tracemalloc
import weakref
from types import SimpleNamespace

import pytest

from asynclog import BufferedLogger, Handler, Level, Overflow
from asynclog.clock import SystemClock
from asynclog.collector import NO_LEVEL, RUN_LINES, Collector, Limits
from asynclog.formatters import PatternFormatter
from asynclog.ledger import Ledger
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Fail, Hang, ScriptedSink

from .making import record

pytestmark = pytest.mark.virtual


def _messages(sink):
    return [record.message for record in sink.records]


def _logger(sink, max_lines=100, max_age=60, **options):
    return BufferedLogger(max_lines, max_age, handlers=Handler(sink), **options)


async def _log(sender):
    """Log a line."""
    await sender.info("x")


async def _settle():
    """Let everything happen that can happen now."""
    for _ in range(20):
        await asyncio.sleep(0)


class _Counting(PatternFormatter):
    """Notes how many records it is asked for at once."""

    def __init__(self):
        super().__init__("{message}")
        self.batches = []

    def format_batch(self, records):
        self.batches.append(len(records))
        return super().format_batch(records)


async def test_a_full_buffer_goes_out_at_once():
    """The line that fills the buffer sends all of it, no more and no less."""
    sink = MemorySink()
    async with _logger(sink, max_lines=3) as logger:
        sender = logger.sender_with_label("a")
        for i in range(5):
            await sender.info(str(i))
        await _settle()

        assert _messages(sink) == ["0", "1", "2"]


async def test_age_counts_from_the_oldest_line():
    """However busy the label, its oldest line waits no longer than max_age."""
    sink = MemorySink()
    async with _logger(sink, max_age=1) as logger:
        sender = logger.sender_with_label("a")
        for i in range(4):
            await sender.info(str(i))
            await asyncio.sleep(0.4)

        assert _messages(sink)[:3] == ["0", "1", "2"]


async def test_each_label_has_its_own_age():
    """A label's age does not depend on when others log."""
    sink = MemorySink()
    async with _logger(sink, max_age=1) as logger:
        await logger.sender_with_label("a").info("a")
        await asyncio.sleep(0.5)
        await logger.sender_with_label("b").info("b")
        await asyncio.sleep(0.6)

        assert _messages(sink) == ["a"]


async def test_labels_are_grouped():
    """The lines of one label come out together, in order."""
    sink = MemorySink()
    async with _logger(sink) as logger:
        senders = [logger.sender_with_label(label) for label in "abc"]
        for i in range(3):
            for sender in senders:
                await sender.info(f"{sender.label}{i}")
    assert _messages(sink) == ["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"]


async def test_short_batches_reach_the_handlers_together():
    """What many labels have to say in one turn of the loop is formatted at once, in order."""
    formatter = _Counting()
    sink = MemorySink()
    handler = Handler(sink, formatter=formatter)
    async with BufferedLogger(2, 60, handlers=handler) as logger:
        for i in range(16):
            await logger.sender_with_label(str(i // 2)).info(str(i))
        await _settle()

        assert formatter.batches == [16]
        assert _messages(sink) == [str(i) for i in range(16)]


async def test_many_short_batches_reach_the_handlers_in_several_runs():
    """The lines of one run are kept until the last of them is written."""
    collector = Collector(Limits(2, 60, NO_LEVEL, Overflow.WAIT), Ledger(1_000), SystemClock())
    runs = []
    outputs = SimpleNamespace(dispatch=lambda records: runs.append(len(records)))
    collector.open(asyncio.get_running_loop(), outputs)
    buffer = collector.buffer_of("a")
    for _ in range(RUN_LINES + 1):
        collector.admit(buffer, record())
        collector.seal(buffer)
    collector.forward_now()

    assert runs == [RUN_LINES, 1]


async def test_equal_labels_share_a_buffer():
    """Two senders of one label fill one buffer, in order of arrival."""
    sink = MemorySink()
    async with _logger(sink, max_lines=2) as logger:
        await logger.sender_with_label("a").info("1")
        await logger.sender_with_label("a").info("2")
        await _settle()

        assert _messages(sink) == ["1", "2"]


@pytest.mark.parametrize(("max_lines", "max_age"), [(0, 60), (100, 0), (0, 0)])
async def test_direct_mode(max_lines, max_age):
    """If either limit is zero, lines go out at once, once, in the order of the calls."""
    sink = MemorySink()
    async with _logger(sink, max_lines, max_age) as logger:
        for i in range(3):
            await logger.sender_with_label("ab"[i % 2]).info(str(i))
        await _settle()

        assert _messages(sink) == ["0", "1", "2"]


async def test_flush_level():
    """A line at the level takes the lines that led to it along; other labels stay."""
    sink = MemorySink()
    async with _logger(sink, flush_level=Level.ERROR) as logger:
        a, b = logger.sender_with_label("a"), logger.sender_with_label("b")
        await b.info("other")
        await a.debug("before")
        await a.error("now")
        await _settle()

        assert _messages(sink) == ["before", "now"]


async def test_wait_waits_for_room():
    """A caller that finds no room goes on when there is some; nothing is lost."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=2) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("0")
        await sender.info("1")
        third = asyncio.ensure_future(sender.info("2"))
        await _settle()
        waited = not third.done()
        sink.release()
        await third

    assert waited
    assert _messages(sink) == ["0", "1", "2"]


async def test_not_awaited_and_full_is_counted_and_announced():
    """A call that nobody awaits is dropped when full, and the stream tells."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=2) as logger:
        sender = logger.sender_with_label("a")
        for i in range(5):
            sender.info(str(i))
        await _settle()
        sink.release()

    counts = logger.statistics()
    assert counts.dropped_by_cause == {"queue full and the call not awaited": 3}
    assert _messages(sink) == ["0", "1", "3 lines dropped: queue full"]
    assert counts.announced == 1


async def test_drop_newest():
    """The lines that find no room are the ones that go."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=2, overflow=Overflow.DROP_NEWEST) as logger:
        sender = logger.sender_with_label("a")
        for i in range(5):
            await sender.log(Level.INFO + i, str(i))
        await _settle()
        sink.release()

    assert _messages(sink) == ["0", "1", "3 lines dropped: queue full"]
    assert logger.statistics().dropped_by_level == {22: 1, 23: 1, 24: 1}


async def test_drop_oldest():
    """The lines that have waited longest go; one that is being written stays."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=3, overflow=Overflow.DROP_OLDEST) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("0")
        await _settle()
        for i in range(1, 7):
            await sender.info(str(i))
        await _settle()
        sink.release()

    assert _messages(sink) == ["0", "5", "6", "4 lines dropped: queue full"]


async def test_drop_below():
    """Lines below the level are dropped, the others wait."""
    sink = ScriptedSink([Hang()])
    policy = Overflow.DROP_BELOW(Level.ERROR)
    async with _logger(sink, max_lines=1, capacity=1, overflow=policy) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("0")
        await sender.info("1")
        urgent = asyncio.ensure_future(sender.error("2"))
        await _settle()
        sink.release()
        await urgent

    assert [m for m in _messages(sink) if "dropped" not in m] == ["0", "2"]
    assert logger.statistics().dropped == 1


async def test_lasting_pressure_is_announced_once_a_second():
    """While lines are lost all the time, the stream is told once a second, and the sum is right."""
    sink = ScriptedSink([Delay(0.1)] * 100)
    async with _logger(sink, max_lines=1, capacity=2, overflow=Overflow.DROP_NEWEST) as logger:
        sender = logger.sender_with_label("a")
        for _ in range(400):
            await sender.info("x")
            await asyncio.sleep(0.01)
    announced = [int(m.split()[0]) for m in _messages(sink) if "dropped" in m]

    assert sum(announced) == logger.statistics().dropped
    assert 3 <= len(announced) <= 7


async def test_a_long_line_takes_more_room():
    """The capacity bounds text, not only lines."""
    async with _logger(MemorySink(), capacity=9, overflow=Overflow.DROP_NEWEST) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("x" * 9 * 1024)
        await sender.info("short")

        assert logger.statistics().dropped == 1


async def test_a_line_longer_than_all_room_still_goes_through():
    """A single line may be longer than the capacity, if nothing else is waiting."""
    sink = MemorySink()
    async with _logger(sink, capacity=1) as logger:
        await logger.sender_with_label("a").info("x" * 1_000_000)

    assert len(_messages(sink)[0]) == 1_000_000


async def test_a_cancelled_wait_is_counted():
    """A line whose caller was cancelled while it waited is dropped, and counted as that."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=1) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("0")
        waiting = asyncio.ensure_future(sender.info("1"))
        await _settle()
        waiting.cancel()
        await asyncio.wait([waiting])
        sink.release()

    assert waiting.cancelled()
    assert _messages(sink)[0] == "0"
    assert logger.statistics().dropped_by_cause == {"cancelled while waiting for room": 1}


async def test_statistics_find_lines_wherever_they_are():
    """At every stage of the way: accepted = emitted + dropped + buffered."""
    sink = ScriptedSink([Delay(1), Fail(written=1), Delay(1)])
    async with _logger(sink, max_lines=2) as logger:
        sender = logger.sender_with_label("a")
        for i in range(7):
            await sender.info(str(i))
        for _ in range(40):
            counts = logger.statistics()
            assert counts.accepted == counts.emitted + counts.dropped + counts.buffered == 7
            await asyncio.sleep(0.1)
    assert logger.statistics().emitted == 7


async def test_an_idle_logger_sets_no_timer():
    """When nothing waits, nothing is due."""
    async with _logger(MemorySink(), max_age=0.01) as logger:
        await logger.sender_with_label("a").info("x")
        await asyncio.sleep(1)

        assert asyncio.get_running_loop()._scheduled == []


async def test_labels_leave_nothing_behind():
    """A label whose lines are out and whose sender is gone costs no memory."""
    async with _logger(ScriptedSink(), max_lines=1) as logger:
        for i in range(2_000):
            await logger.sender_with_label(f"warm {i}").info("x")
        await logger.flush()
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for i in range(2_000):
            logger.sender_with_label(f"label {i}")
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()

    assert grown < 20_000


async def test_a_task_in_a_tight_loop_lets_others_run():
    """A task that only logs does not starve the rest of the loop."""
    ran = []
    async with _logger(MemorySink()) as logger:
        sender = logger.sender_with_label("a")
        asyncio.get_running_loop().call_soon(ran.append, 1)
        for _ in range(5_000):
            await sender.info("x")

    assert ran == [1]


async def test_cancelled_waiters_are_let_go():
    """Callers that gave up waiting keep nothing alive while the sink hangs."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=1, close_timeout=1) as logger:
        sender = logger.sender_with_label("a")
        await sender.info("0")
        for _ in range(200):
            waiting = asyncio.ensure_future(sender.info("x"))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])

        assert len(logger._engine.collector._waiters) <= 1


@pytest.mark.parametrize(
    ("label", "attributes"),
    [
        ("a", {"body": "x" * 9 * 1024}),
        ("a", {"body": ["x" * 9 * 1024]}),
        ("a", {f"n{i}": i for i in range(100)}),
        ("a" * 9 * 1024, {}),
        ("a", {"exc_info": ValueError("x" * 9 * 1024)}),
    ],
)
async def test_all_that_a_line_keeps_takes_room(label, attributes):
    """The capacity bounds memory, not only messages."""
    async with _logger(MemorySink(), capacity=9, overflow=Overflow.DROP_NEWEST) as logger:
        await logger.sender_with_label(label).info("heavy", **attributes)
        await logger.sender_with_label("b").info("light")

        assert logger.statistics().dropped == 1


@pytest.mark.parametrize("bind", [True, False])
async def test_what_is_bound_takes_room_on_each_line(bind):
    """It is merged into the attributes of each."""
    async with _logger(MemorySink(), capacity=9, overflow=Overflow.DROP_NEWEST) as logger:
        sender = logger.sender_with_label("a")
        sender = sender.bind(body="x" * 4_000) if bind else sender
        for _ in range(3):
            await sender.info("text")

        assert logger.statistics().dropped == bind


async def test_a_heavy_line_that_waits_is_not_overtaken():
    """Or lines that need little room would come in before it for ever."""
    sink = ScriptedSink([Delay(1)] * 100)
    async with _logger(sink, max_lines=1, capacity=4) as logger:
        a, b = logger.sender_with_label("a"), logger.sender_with_label("b")

        async def chatter():
            while True:
                await b.info("light")

        chatting = asyncio.create_task(chatter())
        await asyncio.sleep(2)
        async with asyncio.timeout(10):
            await a.info("x" * 3 * 1024)
        chatting.cancel()
        await asyncio.wait([chatting])
        sink.plan.clear()


async def test_a_light_line_behind_a_heavy_one_that_gave_up_comes_in():
    """Nobody waits for what is not wanted any more."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=4) as logger:
        sender = logger.sender_with_label("a")
        for i in range(3):
            await sender.info(str(i))
        heavy = asyncio.ensure_future(sender.info("x" * 3 * 1024))
        await asyncio.sleep(0)
        light = [asyncio.ensure_future(sender.info(str(i))) for i in range(3, 6)]
        await _settle()
        waited = not light[0].done()
        heavy.cancel()
        await _settle()
        assert (waited, light[0].done(), light[1].done()) == (True, True, False)
        sink.release()
        await asyncio.gather(*light)


async def test_nothing_is_evicted_for_a_line_that_can_never_fit():
    """It is dropped itself."""
    sink = ScriptedSink([Hang()])
    async with _logger(sink, max_lines=1, capacity=4, overflow=Overflow.DROP_OLDEST) as logger:
        sender = logger.sender_with_label("a")
        for i in range(4):
            await sender.info(str(i))
        await sender.info("x" * 5 * 1024)
        sink.release()

    assert _messages(sink) == ["0", "1", "2", "3", "1 line dropped: queue full"]


async def test_a_filter_that_logs_while_room_is_made_is_inside_the_logger():
    """Whoever's call it is that makes room."""
    sink = ScriptedSink([Hang()])

    def chatty(record):
        logger.sender_with_label("b").info("chatter")
        return True

    options = {"capacity": 2, "overflow": Overflow.DROP_OLDEST, "filter": chatty}
    async with _logger(sink, max_lines=1, **options) as logger:
        for i in range(5):
            await logger.sender_with_label("a").info(str(i))
        sink.release()
    assert logger.statistics().dropped_by_cause["logged from inside the logger"] >= 5
    assert "chatter" not in _messages(sink)


async def test_the_task_that_logged_last_is_not_kept_alive():
    """Nor what its context holds, though its lines may wait for long."""
    async with _logger(MemorySink(), max_age=3600) as logger:
        task = asyncio.create_task(_log(logger.sender_with_label("a")))
        await task
        gone = weakref.ref(task)
        del task
        await asyncio.sleep(2)
        gc.collect()
        assert gone() is None


async def test_a_flush_forgets_the_task_that_logged_last():
    """A request whose lines are written leaves nothing behind."""
    async with _logger(MemorySink()) as logger:
        task = asyncio.create_task(_log(logger.sender_with_label("a")))
        await task
        gone = weakref.ref(task)
        del task
        await logger.flush()
        gc.collect()
        assert gone() is None


@pytest.mark.parametrize("turns", range(3))
async def test_disowned_it_forwards_nothing(turns):
    """The loop may go on in a forked child, and the lines are the parent's."""
    sink = MemorySink()
    logger = await _logger(sink, max_lines=2, max_age=1).open()
    sender = logger.sender_with_label("a")
    for i in range(3):
        await sender.info(str(i))
    for _ in range(turns):
        await asyncio.sleep(0)
    before = _messages(sink)
    logger._engine.disown()
    await asyncio.sleep(10)
    assert _messages(sink) == before
