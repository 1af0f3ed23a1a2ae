"""Tests of asynclog.central.batches."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asynclog.central.batches import Batches
from asynclog.central.counting import Section
from asynclog.central.scripts import Applied, Duplicate, Gap

APPLIED = Applied(1, 0, 0, 1, 1)


def section(events=1):
    """Return a section with so many events."""
    return Section(1, 20, {"g": (events, b"payload")})


def numbers(batches):
    """Return the numbers of *batches*."""
    return [batch.number for batch in batches]


def sent(count, horizon=10.0, **options):
    """Return a stream of so many acknowledged batches."""
    batches = Batches(horizon, **options)
    for now in range(count):
        batches.add([section()])
        batches.answer(APPLIED, now)
    return batches


def test_numbers_are_contiguous():
    """From 1 on."""
    batches = Batches(0)

    assert [batches.add([section()]).number for _ in range(3)] == [1, 2, 3]


def test_a_batch_is_sent_until_it_is_answered():
    """And then the next one."""
    batches = Batches(0)
    batches.add([section()])
    batches.add([section()])

    assert batches.current == batches.current
    assert numbers(batches.answer(APPLIED, 0)) == [1]
    assert batches.current[0].number == 2
    assert numbers(batches.answer(Duplicate(2), 0)) == [2]
    assert batches.current is None


def test_a_gap_is_filled_from_what_was_kept():
    """The server lost the last two, and gets them once more."""
    batches = sent(5)
    batches.add([section()])

    batches.answer(Gap(3), 5)

    assert batches.current[0].number == 4
    assert numbers(batches.unacknowledged) == [4, 5, 6]
    assert not batches.current[1]


def test_a_gap_wider_than_what_was_kept_is_counted():
    """The server is made to go on behind it."""
    batches = sent(5, horizon=2.0)
    batches.add([section()])

    batches.answer(Gap(1), 5)

    assert (batches.current[0].number, batches.current[1], batches.missing) == (4, True, 2)


def test_a_server_that_knows_nothing_is_given_all_that_was_kept():
    """And made to begin with a number that is not the first."""
    batches = sent(5, horizon=2.0)
    batches.add([section()])

    batches.answer(Gap(-1), 5)

    assert (batches.current[0].number, batches.current[1]) == (4, True)
    batches.answer(APPLIED, 5)
    assert not batches.current[1]


def test_what_the_server_still_has_after_the_horizon_is_forgotten():
    """And only then: age alone is no proof."""
    batches = sent(1, horizon=2.0)
    batches.add([section()])
    batches.answer(Gap(-1), 1000)

    assert batches.current[0].number == 1


def test_memory_for_acknowledged_batches_is_bounded():
    """At the price of the horizon."""
    batches = sent(100, horizon=1e9, max_kept=1000)
    batches.add([section()])

    batches.answer(Gap(-1), 100)

    assert len(batches.unacknowledged) < 5


def test_a_silent_producer_asks_with_its_last_batch():
    """If the server still has it, there is nothing to keep any more."""
    batches = sent(3)
    assert batches.doubtful
    batches.ask()

    assert batches.current[0].number == 3
    assert (batches.events, batches.unacknowledged) == (0, ())
    batches.answer(Duplicate(3), 100)
    assert not batches.doubtful


def test_a_silent_producer_learns_of_a_loss():
    """And what was lost is sent again."""
    batches = sent(3)
    batches.ask()

    batches.answer(Gap(-1), 100)

    assert numbers(batches.unacknowledged) == [1, 2, 3]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_asked_where_there_is_nothing_to_ask(count):
    """No batch is kept, or another one is on its way."""
    batches = sent(0)
    for _ in range(count):
        batches.add([section()])
    batches.ask()

    assert batches.waiting == count


def test_a_stream_that_is_taken_up_begins_where_it_was():
    """The server is to adopt its first number, should it have forgotten the stream."""
    batches = Batches(0, first=7)
    for number in (7, 8):
        batches.restore(Batches(0, first=number).add([section()]))

    assert (batches.current[0].number, batches.current[1]) == (7, True)
    assert batches.add([]).number == 9


class Exchange(RuleBasedStateMachine):
    """A producer and a server that loses requests, answers, and what it did not write in time.

    The server applies as `report.lua` does.  Of what it applied it may lose the end, as far as that
    is younger than the horizon, as after a loss of power.
    """

    HORIZON = 3.0

    def __init__(self):
        super().__init__()
        self.batches = Batches(self.HORIZON)
        self.now = 0.0
        self.produced = {}
        self.applied = []  # (time, number, events)

    @property
    def last(self):
        """The last number that the server knows."""
        return self.applied[-1][1] if self.applied else -1

    @rule(events=st.integers(1, 9))
    def produce(self, events):
        """Something is logged."""
        batch = self.batches.add([section(events)])
        self.produced[batch.number] = events

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0]))
    def wait(self, seconds):
        """Time passes; whoever is silent for long asks."""
        self.now += seconds
        if seconds > self.HORIZON:
            self.batches.ask()

    def serve(self, batch, adopt):
        """Do what the script does."""
        if batch.number <= self.last:
            return Duplicate(self.last)
        if batch.number != max(self.last, 0) + 1 and not adopt:
            return Gap(self.last)
        self.applied.append((self.now, batch.number, batch.events))
        return APPLIED

    @precondition(lambda self: self.batches.current)
    @rule(fate=st.sampled_from(["answered", "answered", "request lost", "answer lost"]))
    def send(self, fate):
        """One attempt."""
        if fate == "request lost":
            return
        answer = self.serve(*self.batches.current)
        if fate == "answered":
            self.batches.answer(answer, self.now)

    @precondition(lambda self: self.applied)
    @rule(count=st.integers(1, 5))
    def lose(self, count):
        """The server loses its latest data, a second's worth at most."""
        for _ in range(count):
            if self.applied and self.now - self.applied[-1][0] < 1.0:
                self.applied.pop()

    @invariant()
    def nothing_counts_twice(self):
        """At any moment."""
        numbers = [number for _, number, _ in self.applied]
        assert len(numbers) == len(set(numbers))

    def teardown(self):
        """In the end, the server has everything once."""
        self.now += 1.0
        for _ in range(3):
            self.batches.ask()
            for _ in range(300):
                if self.batches.current:
                    answer = self.serve(*self.batches.current)
                    self.batches.answer(answer, self.now)
        assert {number: events for _, number, events in self.applied} == self.produced


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
