"""Tests of asynclog.central.senders, with a real server."""

import asyncio
import time
from collections import Counter
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog import Level, scope
from asynclog.central import CentralLog, Event, fingerprint, senders
from asynclog.central.counting import Counting
from asynclog.central.keys import Keys
from asynclog.central.senders import CentralSender
from asynclog.central.turns import Turns
from asynclog.protocols import LogSender
from asynclog.scope import inside_pipeline
from tests.making import Hostile, record

from .accounts import assert_exact
from .test_gatherer import until
from .test_producer import NOWHERE
from .test_sink import payloads

KEYS = Keys("asynclog", 0)
ALL = 1 << 30


@pytest.fixture(name="central")
async def _central(server):
    async with CentralLog(server.url) as central:
        yield central


@pytest.fixture(name="sender")
def _sender(central):
    return central.sender_with_label("db")


async def test_it_is_a_sender(sender):
    """Code that logs need not know where its lines go."""
    assert isinstance(sender, LogSender)
    assert repr(sender) == "CentralSender('db')"


async def test_lines_are_counted_by_their_templates(sender, server):
    """One group, whatever the values are, as of a logger's lines."""
    for number in range(100):
        await sender.error("no way to {}", number)
    await sender.flush()

    events = payloads(server.client)
    made = record("no way to 0", 40, "db", template="no way to {}")
    assert {event.fingerprint for event in events} == {fingerprint(made)}
    assert events[0].message.startswith("no way to ")
    assert_exact(server.client, KEYS, 100)


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
async def test_each_level_has_its_method(sender, server, level):
    """And `log` takes any."""
    for _ in range(3):
        await getattr(sender, level)("text")
        await sender.log(Level[level.upper()], "text")
    await sender.flush()

    assert {event.level for event in payloads(server.client)} == {Level[level.upper()]}
    assert_exact(server.client, KEYS, 6)


async def test_attributes_scope_and_exceptions_travel(sender, server):
    """With the first event."""
    try:
        {}["k"]
    except KeyError as error:
        with scope(request="r-1"):
            await sender.error("failed", user="u", exc_info=error)
    await sender.flush()

    (event,) = payloads(server.client)
    assert event.attributes == {"user": "u", "request": "r-1"}
    assert event.exception.type == "KeyError"


async def test_a_call_names_its_group(sender, server):
    """Also when its text was logged before."""
    await sender.error("text")
    await sender.error("text", fingerprint="own")
    await sender.error("other text", fingerprint="own")
    await sender.flush()

    assert len({event.fingerprint for event in payloads(server.client)}) == 2
    assert_exact(server.client, KEYS, 3)


async def test_a_scope_names_the_group_of_its_lines(sender, server):
    """Also where their text is known from outside."""
    for _ in range(3):
        await sender.error("text")
    with scope(fingerprint="own"):
        await sender.error("text")
    await sender.flush()

    assert len({event.fingerprint for event in payloads(server.client)}) == 2
    assert_exact(server.client, KEYS, 4)


@pytest.mark.parametrize("level", ["high", None, float("nan"), True, []])
async def test_a_level_that_is_none_is_a_warning_s(sender, server, level):
    """And is shown, as by any sender."""
    await sender.log(level, "text")
    await sender.flush()

    (event,) = payloads(server.client)
    assert (event.level, list(event.attributes)) == (30, ["bad_level"])


async def test_what_cannot_be_rendered_is_reported_all_the_same(sender, server):
    """It never raises."""
    await sender.error(Hostile())
    await sender.log(Hostile(), "text")
    await sender.error("{}", Hostile())
    await sender.error("{} {}", 1)
    await sender.error("text", odd=Hostile())
    await sender.flush()

    assert_exact(server.client, KEYS, 5)


async def test_texts_that_are_remembered_are_bounded(sender, server):
    """A program that makes new ones all the time does not fill the memory."""
    for number in range(10_000):
        await sender.error(f"text {number // 2}")
        assert len(sender._known) <= 4096
    assert 0 < len(sender._known) < 4096
    sender._known.clear()
    await sender.error("x" * 1000)
    await sender.error("x" * 1000)
    await sender.flush()

    assert not sender._known
    assert_exact(server.client, KEYS, 10_002)


async def test_repetitions_are_in_the_account_at_once(sender, central):
    """Though nothing is done for them but to count."""
    for _ in range(10):
        await sender.error("text")

    before = central.statistics()
    await sender.flush()
    assert (before.produced, before.waiting) == (10, 10)
    assert central.statistics().acknowledged == 10


async def test_a_text_is_counted_anew_after_each_report(sender, server):
    """What the server has been given holds no tally any more."""
    for _ in range(3):
        await sender.error("text")
        await sender.error("text")
        await sender.flush()

    assert_exact(server.client, KEYS, 6)


@pytest.mark.parametrize("before", [0, 3])
async def test_what_reporting_itself_logs_is_left_out(sender, central, before):
    """It would beget another line for ever; also one that the application has logged too."""
    for _ in range(before):
        await sender.error("text")
    with inside_pipeline():
        await sender.error("text")

    assert central.statistics().produced == before


class Clock:
    """Stands for `time`; each look at it does what is to happen then."""

    def __init__(self, happens=lambda: None, ahead=0):
        self._happens = happens
        self._ahead_ns = ahead * 1_000_000_000

    def time_ns(self):
        """Return the time."""
        self._happens()
        return time.time_ns() + self._ahead_ns


class Shard:
    """Stands for a reporter whose records all go into one counting."""

    spooled = False

    def __init__(self):
        self.now, self.skew_ns, self.turns = 10**18, 0, Turns()
        self.found = Counter()
        self.counting = Counting()

    def time_ns(self):
        """Return the time."""
        return self.now

    def count_one(self, line):
        """Count *line* as a reporter does."""
        return self.counting.count(self.second, line.level, line.message, bytes)

    @property
    def second(self):
        """By the server's clock."""
        return (self.now + self.skew_ns) // 10**9

    def do(self, what, value):
        """Have something happen between two lines."""
        match what:
            case "clock":
                self.now += value
            case "skew":
                self.skew_ns = value
                self.counting.set_skew(value)
            case "take":
                self.take(value)
            case "exchange":
                self.counting.close()
                self.take(ALL)
                self.counting = Counting(skew_ns=self.skew_ns)

    def take(self, most):
        """Take so many groups."""
        for section in self.counting.take(most, ALL)[0]:
            for group, (repeats, _) in section.groups.items():
                self.found[section.second, section.level, group] += repeats


BETWEEN = st.one_of(
    st.tuples(
        st.just("clock"),
        st.sampled_from([1, -1, 4 * 10**8, -4 * 10**8, 10**9, -(10**9), 10**17, -(10**17)]),
    ),
    st.tuples(st.just("skew"), st.sampled_from([0, 1, 3 * 10**8, -7 * 10**8, 10**13])),
    st.tuples(st.just("take"), st.integers(1, 3)),
    st.tuples(st.just("exchange"), st.none()),
)
LINES = st.tuples(
    st.sampled_from([(10, "debug"), (40, "error")]), st.sampled_from("ab"), st.integers(1, 8)
)


@given(st.lists(st.one_of(LINES, LINES, BETWEEN), min_size=20, max_size=60))
def test_each_line_is_in_its_second_and_group(steps):
    """Whatever happens to clocks and counts between two lines; and none is lost, or doubled."""
    shard, sent = Shard(), Counter()
    both = [CentralSender(shard, label) for label in ("one", "other")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(senders, "time", shard)
        for step in steps:
            if len(step) == 2:
                shard.do(*step)
                continue
            (level, method), text, repeats = step
            for number in range(repeats):
                getattr(both[number % 2], method)(text)
            sent[shard.second, level, text] += repeats
    shard.take(ALL)

    assert shard.found == sent


@pytest.fixture(name="counting")
async def _counting():
    async with CentralLog(NOWHERE, flush_interval=60) as central:
        yield central._reporter._producers[0].counting, central.sender_with_label("db")


@pytest.mark.parametrize("ahead", [-3600, 3600])
async def test_a_clock_that_is_set_ends_the_second(counting, monkeypatch, ahead):
    """Also if it is set back: else all of an hour would be in one second."""
    counting, sender = counting
    for _ in range(3):
        await sender.error("text")
    monkeypatch.setattr(senders, "time", Clock(ahead=ahead))
    for _ in range(3):
        await sender.error("text")

    seconds = [section.second for section in counting.snapshot()]
    assert abs(max(seconds) - min(seconds) - 3600) <= 1


async def test_what_is_taken_while_the_clock_is_read_is_counted_anew(counting, monkeypatch):
    """A handler of a signal may run there."""
    counting, sender = counting
    for _ in range(3):
        await sender.error("text")
    monkeypatch.setattr(senders, "time", Clock(lambda: counting.take(1, 1)))
    await sender.error("text")

    assert sum(section.events for section in counting.snapshot()) == 1


async def test_with_a_spool_a_line_is_on_disk_when_it_is_awaited(server, tmp_path):
    """Every line, also one of a known group."""
    async with CentralLog(server.url, spool=tmp_path, flush_interval=60) as central:
        sender = central.sender_with_label("db")
        (path,) = tmp_path.glob("*.spool")
        sizes = [path.stat().st_size]
        for _ in range(3):
            await sender.error("text")
            sizes.append(path.stat().st_size)

    assert sizes == sorted(set(sizes))
    assert_exact(server.client, KEYS, 3)


@pytest.mark.parametrize("way", [asyncio.create_task, asyncio.gather, asyncio.ensure_future])
async def test_with_a_spool_a_line_may_be_awaited_in_any_way(server, tmp_path, way):
    """Or in none."""
    async with CentralLog(server.url, spool=tmp_path, flush_interval=60) as central:
        sender = central.sender_with_label("db")
        await way(sender.error("text"))
        sender.error("text")

    assert_exact(server.client, KEYS, 2)


async def test_many_lines_at_once_wait_for_one_write_each(server, tmp_path, monkeypatch):
    """If each waited for all that are under way, a burst would hold the loop up for a minute."""
    waited, wait = [], asyncio.wait

    def counted(some, **options):
        waited.append(len(some))
        return wait(some, **options)

    async with CentralLog(server.url, spool=tmp_path, flush_interval=60) as central:
        sender = central.sender_with_label("db")
        with monkeypatch.context() as patch:
            patch.setattr(asyncio, "wait", counted)
            await asyncio.gather(*(sender.error("text") for _ in range(50)))

    assert set(waited) == {1}
    assert_exact(server.client, KEYS, 50)


class Rounds:
    """Counts the turns that others on the loop had."""

    def __init__(self):
        self.count = 0
        self._again()

    def _again(self):
        self.count += 1
        self._handle = asyncio.get_running_loop().call_soon(self._again)

    def stop(self):
        """Count no more."""
        self._handle.cancel()


@pytest.fixture(name="turns")
async def _turns():
    turns = Rounds()
    yield turns
    turns.stop()


LOOPS = {
    "unlike lines": (1_000, [f"text {number}" for number in range(1_000)]),
    "one line again and again": (100_000, ["text"]),
    "two lines again and again": (100_000, ["text", "other"]),
}


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_task_that_does_nothing_else_lets_others_run(sender, turns, loop):
    """Every few milliseconds, whatever it logs."""
    number, texts = LOOPS[loop]
    before = turns.count
    for _, text in zip(range(number), cycle(texts), strict=False):
        await sender.error(text)

    assert turns.count - before >= 5


async def test_events_alone_let_others_run_too(central, turns):
    """Those that an application makes itself."""
    event = Event(time.time_ns(), 1, "text", None, 40, "db", "", None, None, "g")
    before = turns.count
    for _ in range(1_000):
        await central.report(event)

    assert turns.count - before >= 5


async def test_what_fills_a_quarter_of_the_room_is_reported_without_waiting(server):
    """So that a burst of unlike lines does not fold, and is soon at the server."""
    async with CentralLog(server.url, flush_interval=60, max_groups=4_000) as central:
        sender = central.sender_with_label("db")
        for number in range(1_000):
            await sender.error(f"text {number}")

        await until(lambda: central.statistics().acknowledged >= 1_000)
