"""The account of every line."""

from __future__ import annotations

import sys
import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.ledger import ANNOUNCED, Cause, Ledger, Notice, SealedBatch
from asynclog.weight import UNIT, places_of

from .making import record, records

CAUSES = st.one_of(st.none(), st.sampled_from([*Cause]))
CAPACITY = 8


def heavy(places):
    """Return a record that takes *places* of the capacity."""
    return record("x" * places * UNIT)


def admitted(count, capacity=CAPACITY):
    """Return a ledger that has let *count* lines in."""
    ledger = Ledger(capacity)
    for one in records(count):
        ledger.admit(one)
    return ledger


class Model:
    """A ledger, and lists of the lines themselves."""

    def __init__(self):
        self.ledger = Ledger(CAPACITY)
        self.inside, self.reserved, self.over = [], [], []

    def admit(self, places, cause):
        """Let a line in, if there is room."""
        if self.ledger.has_room(places):
            self.inside.append(heavy(places))
            self.ledger.admit(self.inside[-1])

    def reserve(self, places, cause):
        """The same from another thread."""
        one = heavy(places)
        if self.ledger.reserve(one):
            self.reserved.append(one)

    def arrive(self, places, cause):
        """Have the first reserved line arrive."""
        for one in self.reserved[:1]:
            self.reserved.remove(one)
            self.ledger.arrive(one)
            self.inside.append(one)

    def refuse(self, places, cause):
        """Drop a line that is not in."""
        self.ledger.refuse(heavy(places), Cause.QUEUE_FULL)
        self.over.append(Cause.QUEUE_FULL)

    def settle(self, places, cause):
        """Settle the first lines."""
        leaving, self.inside = self.inside[:places], self.inside[places:]
        self.ledger.settle(leaving, cause)
        self.over += [cause] * len(leaving)

    @property
    def places(self):
        """Return how many places are taken."""
        return sum(map(places_of, self.inside + self.reserved))


STEPS = st.tuples(
    st.sampled_from([Model.admit, Model.reserve, Model.arrive, Model.refuse, Model.settle]),
    st.integers(1, 5),
    CAUSES,
)


@given(steps=st.lists(STEPS, max_size=40))
def test_what_was_accepted_is_emitted_dropped_or_buffered(steps):
    """After every step, and exactly."""
    model = Model()
    for step, places, cause in steps:
        step(model, places, cause)
        told = model.ledger.statistics(len(model.inside))
        assert told.accepted == told.emitted + told.dropped + told.buffered
        assert told.emitted == model.over.count(None)
        assert told.buffered == len(model.inside) + len(model.reserved)


@given(steps=st.lists(STEPS, max_size=40), places=st.integers(1, 10))
def test_there_is_room_for_what_fits_and_for_the_first(steps, places):
    """One line alone may be longer than all the capacity: it could never be logged otherwise."""
    model = Model()
    for step, size, cause in steps:
        step(model, size, cause)
        assert model.places <= CAPACITY
    assert model.ledger.has_room(places) == (model.places + places <= CAPACITY or not model.places)


@given(steps=st.lists(STEPS, max_size=40))
def test_losses_are_counted_by_cause_and_by_level(steps):
    """Both add up to all that was dropped."""
    model = Model()
    for step, places, cause in steps:
        step(model, places, cause)
    told = model.ledger.statistics(0)
    lost = Counter(cause.value for cause in model.over if cause is not None)
    assert told.dropped_by_cause == dict(lost)
    assert told.dropped_by_level == ({20: lost.total()} if lost else {})
    assert told.dropped == model.ledger.dropped == lost.total()


def test_a_line_longer_than_the_capacity_is_let_in_alone():
    """From the loop as from another thread."""
    ledger = Ledger(CAPACITY)
    assert ledger.has_room(CAPACITY + 1)
    assert ledger.reserve(heavy(CAPACITY + 1))
    assert not ledger.has_room()
    assert not ledger.reserve(record())


def test_reserved_lines_take_all_their_places():
    """Long lines from other threads do not pile up beyond the capacity."""
    ledger = Ledger(CAPACITY)
    assert [ledger.reserve(heavy(4)) for _ in range(3)] == [True, True, False]


def test_while_it_is_shut_only_lines_that_wait_come_in():
    """Neither those of the loop nor of another thread overtake them."""
    ledger = admitted(CAPACITY - 2)
    ledger.shut(True)
    assert not ledger.has_room()
    assert ledger.admitted >= ledger.ceiling  # what the hot path looks at
    assert not ledger.reserve(record())
    assert [ledger.fits(places) for places in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize("times", [1, 2])
def test_opened_again_it_is_as_before(times):
    """However often either is said."""
    ledger = admitted(2)
    for shut in (True, False):
        for _ in range(times):
            ledger.shut(shut)
    assert ledger.has_room(CAPACITY - 2)
    assert not ledger.has_room(CAPACITY - 1)


def test_a_shut_ledger_may_be_idle():
    """All that was let in is settled."""
    ledger = admitted(2)
    ledger.shut(True)
    ledger.settle(records(2), None)
    assert ledger.idle


def test_settling_makes_room_and_says_so():
    """The lines are settled already when it is said."""
    ledger, rooms = admitted(CAPACITY), []
    ledger.on_room = lambda: rooms.append(ledger.has_room())
    assert not ledger.has_room()
    ledger.settle(records(1), None)
    assert rooms == [True]


@pytest.mark.parametrize("cause", Cause)
def test_losses_for_want_of_room_are_to_be_announced(cause):
    """The others were wished for, or are told of elsewhere."""
    ledger = admitted(2)
    ledger.settle(records(2), cause)
    assert ledger.unannounced == (2 if cause in ANNOUNCED else 0)
    assert ledger.take_unannounced() == (2 if cause in ANNOUNCED else 0)
    assert ledger.take_unannounced() == 0


def test_a_ledger_is_idle_when_nothing_is_on_its_way():
    """Lines of other threads count before they have arrived."""
    ledger = Ledger(CAPACITY)
    assert ledger.idle
    ledger.reserve(record())
    assert not ledger.idle
    ledger.arrive(record())
    assert not ledger.idle
    ledger.settle(records(1), Cause.FILTERED)
    assert ledger.idle


def test_a_handler_of_a_signal_may_log_while_a_batch_is_settled():
    """It runs in the same thread, between any two steps."""
    ledger = admitted(2)

    class Interrupted(list):
        def __iter__(self):
            ledger.refuse(record(), Cause.QUEUE_FULL)
            return super().__iter__()

    ledger.settle(Interrupted(records(2)), Cause.SINK_FAILED)
    assert ledger.statistics(0).dropped == 3


def test_threads_that_count_at_once_lose_no_count():
    """The sum is exact."""
    ledger = Ledger(CAPACITY)

    def lose():
        for _ in range(500):
            ledger.refuse(record(), Cause.QUEUE_FULL)

    threads = [threading.Thread(target=lose) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ledger.accepted, ledger.dropped) == (2000, 2000)


class Told:
    """Stands for a ledger: keeps what it is told of each line."""

    def __init__(self):
        self.fates = []

    def settle(self, some, cause):
        """Keep all."""
        self.fates += [(one.message, cause) for one in some]


SAYS = st.lists(st.lists(CAUSES, min_size=6, max_size=6), min_size=1, max_size=3)


def combined(causes):
    """Return what becomes of a line, by what its sinks say of it in turn."""
    lost = [cause for cause in causes if cause is not Cause.FILTERED]
    return None if None in causes else next(iter(lost), Cause.FILTERED)


@given(says=SAYS, orders=st.lists(st.permutations(range(6)), min_size=3, max_size=3))
def test_each_line_is_told_once_when_the_last_sink_is_done_with_it(says, orders):
    """Written by one is emitted; else the first cause of a loss counts, then a filter."""
    told = Told()
    sealed = SealedBatch(records(6), told, len(says))
    for says_one, order in zip(says, orders, strict=False):
        for index in order:
            sealed.settle([index], says_one[index])
    expected = [(str(i), combined([one[i] for one in says])) for i in range(6)]
    assert sorted(told.fates, key=str) == sorted(expected, key=str)
    assert sealed.unsettled == 0


@given(data=st.data(), parties=st.integers(1, 3))
def test_lines_are_unsettled_until_every_sink_is_done(data, parties):
    """However they are cut into runs."""
    sealed, left = SealedBatch(records(6), Told(), parties), [parties] * 6
    for _ in range(data.draw(st.integers(0, 10))):
        open_ones = st.sets(st.sampled_from(range(6))).map(lambda s: [i for i in s if left[i]])
        for index in (indices := data.draw(open_ones)):
            left[index] -= 1
        sealed.settle(indices, data.draw(CAUSES))
    assert sealed.unsettled == sum(map(bool, left))


@pytest.mark.parametrize("parties", [1, 2, 3])
def test_one_may_speak_for_several_sinks(parties):
    """As a filter does for all sinks of its handler."""
    told = Told()
    sealed = SealedBatch(records(2), told, 3)
    sealed.settle([0], Cause.FILTERED, parties=parties)
    for _ in range(3 - parties):
        assert told.fates == []
        sealed.settle([0], Cause.SINK_FAILED)
    assert told.fates == [("0", Cause.FILTERED if parties == 3 else Cause.SINK_FAILED)]
    assert sealed.unsettled == 1


@pytest.mark.parametrize("parties", [1, 2])
def test_a_batch_lets_go_of_its_lines_when_all_are_settled(parties):
    """Whoever still holds it holds no memory."""
    sealed = SealedBatch(records(2), Ledger(CAPACITY), parties)
    for index in (0, 1) * parties:
        assert len(sealed.records) == 2
        sealed.settle([index], None)
    assert sealed.records == []


def test_lines_that_are_not_counted_are_settled_too():
    """Those that the logger writes on its own account."""
    sealed = SealedBatch(records(2), None, 1)
    sealed.settle([0, 1], None)
    assert sealed.unsettled == 0


@pytest.mark.parametrize("indices", [range(1, 3), [1, 2]])
def test_lines_are_picked_by_their_positions(indices):
    """A run of them, or single ones."""
    sealed = SealedBatch(records(4), None, 1)
    assert [one.message for one in sealed.pick(indices)] == ["1", "2"]


@pytest.mark.parametrize(
    ("fates", "untold"),
    [
        ([None], 0),
        ([Cause.FILTERED], 0),
        ([Cause.QUEUE_FULL], 3),
        ([Cause.SINK_FAILED, Cause.QUEUE_FULL], 3),
        ([Cause.SINK_FAILED, None], 0),
    ],
)
def test_losses_are_untold_again_if_no_sink_writes_the_notice(fates, untold):
    """The next notice tells of them; whoever wants no notices gets none."""
    ledger = Ledger(CAPACITY)
    for one in records(3):
        ledger.refuse(one, Cause.QUEUE_FULL)
    notice = Notice(record(), ledger.take_unannounced(), ledger, len(fates))
    for fate in fates:
        notice.settle([0], fate)
    assert (ledger.unannounced, ledger.announced) == (untold, 0 if untold else 1)


@pytest.mark.parametrize(("before", "after"), [(5, 1), (5, 2), (1, 5)])
def test_a_line_gives_back_the_places_that_it_took(before, after):
    """Whatever a filter has made of its text meanwhile."""
    ledger = Ledger(CAPACITY)
    one = heavy(before)
    ledger.admit(one)
    ledger.admit(heavy(2))
    one.message = heavy(after).message
    ledger.settle([one], None)
    assert (ledger.heavy, ledger.has_room(CAPACITY - 2)) == (1, True)
    assert not ledger.has_room(CAPACITY - 1)


class Signals:
    """Drops a line in the midst of another call, at the given step of it."""

    def __init__(self, ledger, step):
        self.ledger, self.step = ledger, step

    def __call__(self, frame, event, arg):
        """Take a step."""
        self.step -= 1
        if self.step == 0:
            self.ledger.refuse(record(), Cause.FILTERED)


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("step", range(1, 16))
def test_a_signal_in_the_midst_of_counting_loses_no_count(known, step):
    """Its handler may log, too, wherever Python code begins or ends."""
    ledger = Ledger(CAPACITY)
    for _ in range(known):
        ledger.refuse(record(), Cause.FILTERED)
    line, signals = record(), Signals(ledger, step)
    sys.setprofile(signals)
    try:
        ledger.refuse(line, Cause.FILTERED)
    finally:
        sys.setprofile(None)
    assert ledger.dropped == known + 1 + (signals.step <= 0)


def test_a_forked_child_has_an_account_of_its_own():
    """All lines so far are the parent's, and one of its threads may have held the lock."""
    ledger = admitted(2)
    ledger.refuse(record(), Cause.QUEUE_FULL)
    ledger.reserve(heavy(3))
    ledger.shut(True)
    ledger.disown()
    assert ledger.statistics(0) == Ledger(CAPACITY).statistics(0)
    assert ledger.has_room(CAPACITY)
    assert ledger.idle
