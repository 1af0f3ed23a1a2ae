"""Random programs in random worlds."""

from __future__ import annotations

import sys

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from asynclog import Level, Overflow
from asynclog.backoff import LONGEST
from asynclog.testing import Delay, Fail, Hang, LateAnswer

from .statutes import ALWAYS, AT_THE_END, EVERY_TURN, uphold
from .world import LABELS, SOON, Route, Setup, World

labels = st.sampled_from(LABELS)
levels = st.sampled_from([Level.DEBUG, Level.INFO, Level.INFO, Level.ERROR])
counts = st.integers(1, 6)
seconds = st.sampled_from([0.0, 0.01, 0.3, 3.0])
patience = st.sampled_from([SOON, 0.0, 0.4, 20.0])
points = st.sampled_from([1, 0, 2, 0, 3, 0, 4])

slow = st.builds(Delay, seconds) | st.builds(LateAnswer, seconds)
faulty = st.one_of(
    st.builds(Fail, st.integers(0, 3), seconds, st.none()),
    st.builds(Fail, st.just(0), seconds, st.builds(OSError, st.just(28), st.just("full"))),
    st.builds(Fail, st.integers(0, 1), seconds, st.builds(ValueError, st.just("no"))),
    st.just(Hang()),
)
plans = st.one_of(
    st.lists(faulty | slow, min_size=1, max_size=4),
    st.just([Hang()]),
    st.lists(slow, max_size=4),
)

WAIT, DROP_NEWEST, DROP_OLDEST = Overflow.WAIT, Overflow.DROP_NEWEST, Overflow.DROP_OLDEST
DROP_BELOW = Overflow.DROP_BELOW(Level.INFO)
ONE, TWO, LESS = Route(), Route(sinks=2), Route(level=Level.INFO)


def setups(policies, *routings):
    """Return worlds with one of the *policies* and of the *routings*."""
    return st.builds(
        Setup,
        max_lines=st.sampled_from([4, 100, 1, 0]),
        max_age=st.sampled_from([1.0, 30.0, 1.0, 0.0]),
        capacity=st.sampled_from([12, 5, 1]),
        overflow=st.sampled_from(policies),
        flush_level=st.sampled_from([None, Level.ERROR]),
        close_timeout=st.sampled_from([5.0, 0.5, 0.0]),
        routes=st.sampled_from(routings),
    )


FAMILIES = {
    "waiting": setups([WAIT, DROP_BELOW], (ONE,)),
    "dropping": setups([DROP_NEWEST, DROP_BELOW], (ONE,)),
    "evicting": setups([DROP_OLDEST], (ONE,)),
    "several sinks": setups([WAIT, DROP_NEWEST, DROP_OLDEST], (TWO,), (ONE, ONE), (LESS, TWO)),
    "full handlers": setups(
        [WAIT, DROP_OLDEST],
        (Route(capacity=3, overflow=DROP_OLDEST),),
        (ONE, Route(capacity=3, overflow=DROP_NEWEST)),
        (Route(capacity=3, overflow=DROP_OLDEST), ONE),
        (Route(sinks=2, capacity=3, overflow=DROP_BELOW), LESS),
    ),
}
"""Kinds of worlds; in each of them other mistakes show."""


class Laws(RuleBasedStateMachine):
    """A program: what it does, and what must hold whatever it does."""

    family = st.one_of(*FAMILIES.values())

    world = None

    @initialize(data=st.data(), plans=st.tuples(plans, plans))
    def begin(self, data, plans):
        """Open a logger whose sinks misbehave."""
        setup = data.draw(self.family, "setup")
        self.world = World(setup, watch=lambda world: uphold(EVERY_TURN, world))
        for witness, plan in zip(self.world.witnesses, plans, strict=False):
            witness.plan.extend(plan)

    @rule(label=labels, level=levels, count=counts, patience=patience)
    def log(self, label, level, count, patience):
        """Log, and wait for room."""
        self.world.log(label, level, count, patience)

    @rule(label=labels, count=counts, patience=patience, point=points, late=st.booleans())
    def log_until_cancelled(self, label, count, patience, point, late):
        """Log, and be cancelled while waiting for room."""
        self.world.log(label, Level.INFO, count, patience, point, late=late)

    @rule(label=labels, level=levels, count=counts, stillborn=st.sampled_from([False, False, True]))
    def log_unawaited(self, label, level, count, stillborn):
        """Log from a callback, or in a task that is cancelled before it begins."""
        if stillborn:
            self.world.log_in_stillborn_task(label)
        else:
            self.world.log_unawaited(label, level, count)

    @rule(label=labels, count=st.integers(1, 3))
    def log_from_thread(self, label, count):
        """Log from another thread, while the loop is busy."""
        self.world.log_from_thread(label, count)

    @rule(label=labels, deed=st.sampled_from(["bind", "forget", "give up"]))
    def change(self, label, deed):
        """Bind an attribute, let go of a sender, or cancel a call that waits."""
        match deed:
            case "bind":
                self.world.bind(label)
            case "forget":
                self.world.forget(label)
            case "give up":
                self.world.give_up(LABELS.index(label))

    @precondition(lambda self: self.world.state == "open")
    @rule(count=st.integers(2, 3))
    def group(self, count):
        """Log to all labels in turn, and flush."""
        setup = self.world.setup
        whole = count < setup.max_lines and setup.max_age and count * len(LABELS) <= setup.capacity
        self.world.flush(None)
        if whole and not self.world.logger.statistics().buffered:
            self.world.group(count)

    @rule(
        label=labels | st.none(),
        patience=patience,
        point=points,
        late=st.booleans(),
        durable=st.booleans(),
    )
    def flush(self, label, patience, point, late, durable):
        """Flush, perhaps until cancelled."""
        self.world.flush(label, patience, point, late=late, durable=durable)

    @rule(duration=st.sampled_from([SOON, 0.3, 1.1, 40.0]))
    def advance(self, duration):
        """Let time pass."""
        self.world.advance(duration)

    @precondition(lambda self: self.world.state == "open")
    @rule(number=st.integers(0, 2), plan=plans)
    def trouble(self, number, plan):
        """Have a sink misbehave from its next write on."""
        self.world.witnesses[number % len(self.world.witnesses)].plan.extend(plan)

    @precondition(lambda self: self.world.state == "open")
    @rule(number=st.integers(0, 2), plan=plans, label=labels, count=counts)
    def trouble_now(self, number, plan, label, count):
        """Have a sink misbehave while it writes."""
        self.trouble(number, plan)
        self.world.log(label, Level.INFO, count)
        self.world.flush(None, patience=0.0)

    @rule(wholly=st.booleans())
    def heal(self, wholly):
        """Have a write that hangs go on, and perhaps all sinks work again."""
        self.world.heal(wholly=wholly)

    @precondition(lambda self: self.world.state == "open" and len(self.world.book.lines) > 5)
    @rule(cancellations=st.lists(st.tuples(st.integers(1, 2), st.booleans()), max_size=2))
    def close(self, cancellations):
        """Close, perhaps cancelled once or twice."""
        self.world.close(cancellations)
        uphold(AT_THE_END, self.world)

    @precondition(lambda self: self.world.state == "closed")
    @rule()
    def close_again(self):
        """Close what is closed."""
        before = self.world.final
        self.world.close()
        assert self.world.final == before

    @invariant()
    def lawful(self):
        """Nothing that must always hold is broken."""
        if self.world is not None:
            uphold(ALWAYS, self.world)

    def teardown(self):
        """End the world; sometimes only after its sinks have recovered."""
        if self.world is None:
            return
        try:
            if self.world.state == "open" and sys.exc_info()[0] is None:
                if len(self.world.book.lines) % 2:
                    self._recover()
                self.world.close()
                uphold((*ALWAYS, *AT_THE_END), self.world)
        finally:
            self.world.tear_down()

    def _recover(self):
        """Have the sinks work again: then age alone brings out all there is."""
        self.world.heal(wholly=True)
        self.world.advance(self.world.setup.max_age + 2 * LONGEST)
        uphold(ALWAYS, self.world)
        account = self.world.logger.statistics()
        assert not account.buffered, f"{account} long after all sinks are well"
        assert not self.world.waiting, "there is room, and calls still wait"


def examine(family, *, examples, random=False, shrink=True):
    """Run programs in the worlds of one family.

    Args:
        family: a key of `FAMILIES`.
        examples: how many programs.
        random: whether they are other ones each time.
        shrink: whether to look for the smallest program that breaks a law.
    """
    machine = type("Laws", (Laws,), {"family": FAMILIES[family]})
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        database=None,
        derandomize=not random,
        print_blob=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
