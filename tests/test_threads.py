"""Logging from threads and loops that are not the logger's own."""

import asyncio
import threading
from contextlib import contextmanager, suppress

import pytest

from asynclog import BufferedLogger, Handler, LoggerClosed, Overflow
from asynclog.sinks import MemorySink
from asynclog.testing import Delay, Hang, ScriptedSink
from asynclog.threads import call_at_home


@contextmanager
def _thread(target):
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(10)
    assert not thread.is_alive()


def _texts(sink, label):
    return [record.message for record in sink.records if record.label == label]


@pytest.mark.every_loop
async def test_lines_of_a_thread_arrive_in_order():
    """Nothing is lost, and a thread's lines keep their order."""
    sink = MemorySink()
    async with BufferedLogger(7, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("t")
        await asyncio.to_thread(lambda: [sender.info(str(i)) for i in range(500)] and None)

    assert [str(i) for i in range(500)] == _texts(sink, "t")


async def test_one_wake_up_for_many_lines():
    """The loop is woken once for all lines that come before it gets to them."""
    async with BufferedLogger(1000, 60, handlers=Handler(MemorySink())) as logger:
        sender = logger.sender_with_label("t")
        loop = asyncio.get_running_loop()
        woken = []
        wake = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *args, **kw: woken.append(1) or wake(*args, **kw)
        with _thread(lambda: [sender.info("x") for _ in range(100)]) as thread:
            thread.join(10)  # the loop does not run meanwhile
        loop.call_soon_threadsafe = wake

    assert woken == [1]
    assert logger.statistics().emitted == 100


async def test_flush_covers_lines_of_threads():
    """A flush takes what threads have sent before."""
    sink = MemorySink()
    async with BufferedLogger(1000, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("t")
        with _thread(lambda: sender.info("one")) as thread:
            thread.join(10)
        await sender.flush()

        assert _texts(sink, "t") == ["one"]


async def test_the_time_and_thread_are_those_of_the_call():
    """A record tells the thread that logged it."""
    sink = MemorySink()
    async with BufferedLogger(1000, 60, handlers=Handler(sink)) as logger:
        sender = logger.sender_with_label("t")
        thread = threading.Thread(target=lambda: sender.info("x"), name="mine")
        thread.start()
        thread.join(10)

    assert sink.records[0].origin.thread_name == "mine"


async def test_a_thread_without_a_loop_waits_for_room():
    """With WAIT nothing is lost: the thread is held up while there is no room."""
    sink = MemorySink()
    async with BufferedLogger(10, 60, handlers=Handler(sink), capacity=10) as logger:
        sender = logger.sender_with_label("t")
        await asyncio.to_thread(lambda: [sender.info(str(i)) for i in range(200)] and None)

    assert [str(i) for i in range(200)] == _texts(sink, "t")


@pytest.mark.parametrize("overflow", [Overflow.DROP_NEWEST, Overflow.DROP_OLDEST])
async def test_a_thread_is_not_held_up_by_other_policies(overflow):
    """What finds no room is dropped and counted; the account is exact."""
    sink = ScriptedSink([Hang()])
    logger = await BufferedLogger(
        10, 60, handlers=Handler(sink), capacity=10, overflow=overflow
    ).open()
    sender = logger.sender_with_label("t")
    await asyncio.to_thread(lambda: [sender.info(str(i)) for i in range(100)] and None)
    sink.release()
    counts = await logger.aclose()

    assert (100, 100) == (counts.accepted, counts.emitted + counts.dropped)
    assert counts.emitted >= 10


def test_another_loop_awaits_and_flushes():
    """A task of another thread's loop logs, waits for room and flushes as at home."""
    sink = MemorySink()

    async def elsewhere(sender):
        for i in range(100):
            await sender.info(str(i))
        await sender.flush()
        return len(sink.records)

    async def home():
        async with BufferedLogger(10, 60, handlers=Handler(sink), capacity=10) as logger:
            sender = logger.sender_with_label("t")
            return await asyncio.to_thread(lambda: asyncio.run(elsewhere(sender)))

    assert asyncio.run(home()) >= 100


def test_flush_after_the_loop_has_ended():
    """A flush cannot hang for a loop that does not run any more: it says so."""
    sink = MemorySink()
    logger = BufferedLogger(10, 60, handlers=Handler(sink))

    async def first():
        await logger.open()
        await logger.sender_with_label("a").info("one")

    async def second():
        await logger.sender_with_label("a").info("two")
        with pytest.raises(LoggerClosed, match="does not run any more"):
            await logger.flush()
        await logger.aclose()

    asyncio.run(first())
    asyncio.run(second())

    assert ["one", "two"] == _texts(sink, "a")


def test_two_loops_two_loggers():
    """Loggers on loops of two threads do not touch each other."""
    sinks = [MemorySink(), MemorySink()]

    async def work(sink):
        async with BufferedLogger(5, 0.01, handlers=Handler(sink)) as logger:
            sender = logger.sender_with_label("a")
            for i in range(200):
                await sender.info(str(i))
                await asyncio.sleep(0)

    with _thread(lambda: asyncio.run(work(sinks[0]))):
        asyncio.run(work(sinks[1]))

    assert [str(i) for i in range(200)] == _texts(sinks[0], "a") == _texts(sinks[1], "a")


async def test_closing_while_threads_log():
    """A thread's line is in the sink, or counted, or the call raised: none falls in between."""
    for _ in range(5):
        sink, sent = MemorySink(), []
        logger = await BufferedLogger(7, 60, handlers=Handler(sink)).open()
        sender = logger.sender_with_label("t")

        def log(sender=sender, sent=sent):
            with suppress(LoggerClosed):
                while True:
                    sender.info("x")
                    sent.append(1)

        threads = [threading.Thread(target=log) for _ in range(4)]
        for thread in threads:
            thread.start()
        await asyncio.sleep(0)
        counts = await logger.aclose()
        for thread in threads:
            thread.join()
        written = len(_texts(sink, "t"))
        assert (len(sent), 0) == (written + counts.dropped, counts.buffered)


async def test_closing_from_another_loop():
    """Whoever closes from another thread's loop has it done on the logger's own: lines come once."""
    sink = ScriptedSink([Delay(0.05)])
    logger = await BufferedLogger(1, 60, handlers=Handler(sink)).open()
    await logger.sender_with_label("a").info("one")
    await asyncio.sleep(0)
    await asyncio.to_thread(lambda: asyncio.run(logger.aclose()))

    assert _texts(sink, "a") == ["one"]


async def test_a_thread_without_room_sends_out_what_only_waits_for_company():
    """Lines of threads that are dropped for want of room make the loop see to it."""
    sink = MemorySink()
    logger = BufferedLogger(
        1000, 3600, handlers=Handler(sink), capacity=10, overflow=Overflow.DROP_NEWEST
    )
    async with logger:
        sender = logger.sender_with_label("t")
        for _ in range(3):
            await asyncio.to_thread(lambda: [sender.info("x") for _ in range(11)] and None)
            while logger.statistics().buffered:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)

        assert len(_texts(sink, "t")) >= 20


def test_a_logger_whose_loop_ends_meanwhile():
    """Who waits on another loop for one that ends is told so, not cancelled."""
    started, asked = threading.Event(), threading.Event()
    logger = BufferedLogger(1, 60, handlers=Handler(ScriptedSink([Hang()])), close_timeout=0)

    async def home():
        await logger.open()
        await logger.sender_with_label("a").info("x")
        started.set()
        while not asked.is_set():  # noqa: ASYNC110 - it is set in another thread
            await asyncio.sleep(0.001)

    async def elsewhere():
        flushing = asyncio.create_task(logger.flush())
        await asyncio.sleep(0)
        asked.set()
        with pytest.raises(LoggerClosed, match="has ended"):
            await flushing

    with _thread(lambda: asyncio.run(home())):
        started.wait(10)
        asyncio.run(elsewhere())
    asyncio.run(logger.aclose())


# -- what a thread wants of the loop, where there may be none ---------------------------------------


@contextmanager
def _loop_elsewhere():
    """Run a loop in another thread."""
    loop = asyncio.new_event_loop()
    with _thread(loop.run_forever):
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
    loop.close()


def test_a_call_is_made_where_the_loop_runs():
    """And waited for."""
    threads = []
    with _loop_elsewhere() as loop:
        call_at_home(loop, lambda: threads.append(threading.get_ident()), 5)
        assert len(threads) == 1
        assert threads != [threading.get_ident()]


async def test_a_call_is_made_here_where_no_loop_runs_elsewhere():
    """No loop, one that is closed, or the one of this thread."""
    closed, calls = asyncio.new_event_loop(), []
    closed.close()
    for loop in (None, closed, asyncio.get_running_loop()):
        call_at_home(loop, lambda: calls.append(threading.get_ident()), 5)
    assert calls == [threading.get_ident()] * 3


def test_a_call_is_made_here_where_the_loop_is_stuck():
    """After some time, and not again when the loop comes to it."""
    threads, stuck = [], threading.Event()
    with _loop_elsewhere() as loop:
        loop.call_soon_threadsafe(stuck.wait)
        call_at_home(loop, lambda: threads.append(threading.get_ident()), 0.05)
        stuck.set()
        call_at_home(loop, lambda: None, 5)
    assert threads == [threading.get_ident()]


def test_a_call_that_has_begun_there_is_waited_for():
    """It is not made a second time."""
    calls, begun = [], threading.Event()

    def call():
        begun.wait(0.1)
        calls.append(1)

    with _loop_elsewhere() as loop:
        call_at_home(loop, call, 0.01)
    assert calls == [1]


def test_a_logger_whose_loop_runs_in_another_thread_is_ended_there():
    """As at the end of the interpreter, where that thread is a daemon."""
    sink, threads = MemorySink(), []
    handler = Handler(sink, filter=lambda _: threads.append(threading.get_ident()) or True)
    with _loop_elsewhere() as loop:
        builder = BufferedLogger(100, 60, handlers=handler)
        asyncio.run_coroutine_threadsafe(builder.open(), loop).result(5)
        builder.sender_with_label("a").info("x")
        with pytest.warns(ResourceWarning, match="unclosed"):
            builder._engine.end()
        assert _texts(sink, "a") == ["x"]
        assert threads
        assert threading.get_ident() not in threads


def test_a_flush_in_a_thread_gives_up_in_time():
    """A sink that hangs is not waited for any longer."""
    with _loop_elsewhere() as loop:
        sink = ScriptedSink([Hang()])
        builder = BufferedLogger(100, 60, handlers=Handler(sink), close_timeout=0.1)
        asyncio.run_coroutine_threadsafe(builder.open(), loop).result(5)
        builder.sender_with_label("a").info("x")
        builder.flush_in_thread(0.05)
        assert sink.lines == []
        asyncio.run_coroutine_threadsafe(builder.aclose(), loop).result(5)
