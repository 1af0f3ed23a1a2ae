"""Tests of asynclog.concurrent."""

import asyncio
import gc
import weakref

import pytest

from asynclog.concurrent import BoundedTaskGroup

pytestmark = pytest.mark.every_loop


class Sender:
    """Keeps the lines of one label."""

    def __init__(self, label, lines):
        self.label, self.lines = label, lines

    async def log(self, level, message, /, *args, **attributes):
        """Keep one line."""
        self.lines.append((self.label, message))

    async def flush(self, *, durable=False):
        """Do nothing: all lines are kept already."""


class Builder:
    """Makes senders that write to one list."""

    def __init__(self):
        self.lines = []

    def sender_with_label(self, label):
        """Return a sender that writes to `lines`."""
        return Sender(label, self.lines)


class Meter:
    """Work that stays until it is let go, and counts how many do so at once."""

    def __init__(self):
        self.now = self.peak = self.started = 0
        self.gate = asyncio.Event()

    async def work(self, result=None):
        """Stay until the gate is open."""
        self.now += 1
        self.started += 1
        self.peak = max(self.peak, self.now)
        try:
            await self.gate.wait()
        finally:
            self.now -= 1
        return result


async def settle():
    """Let every task run until it waits for something that only the test can do."""
    for _ in range(30):
        await asyncio.sleep(0)


async def give(value):
    """Return *value* at once."""
    return value


async def give_later(value, turns):
    """Return *value* after so many turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return value


async def fail(error):
    """Fail in the middle of a task."""
    await asyncio.sleep(0)
    raise error


async def spawn_all(group, work, count):
    """Spawn the same work so many times."""
    for _ in range(count):
        await group.spawn(work)


class TestLimit:
    """How many tasks run at once."""

    async def test_no_more_than_the_limit_run_at_once(self):
        """A hundred tasks in a group of eight: eight at once, and all of them run."""
        meter = Meter()
        async with BoundedTaskGroup(8) as group:
            spawner = asyncio.create_task(spawn_all(group, meter.work, 100))
            await settle()
            assert meter.now == 8
            meter.gate.set()
            await spawner

        assert (meter.peak, meter.started) == (8, 100)

    async def test_spawn_waits_for_room(self):
        """`spawn` returns only when one of the running tasks has ended."""
        meter = Meter()
        async with BoundedTaskGroup(1) as group:
            await group.spawn(meter.work)
            second = asyncio.create_task(group.spawn(give, "second"))
            await settle()
            assert not second.done()
            meter.gate.set()
            assert await (await second) == "second"

    async def test_those_who_wait_are_served_in_order(self):
        """Room goes to the one that has waited longest."""
        meter, order = Meter(), []

        async def note(number):
            order.append(number)

        async with BoundedTaskGroup(1) as group:
            await group.spawn(meter.work)
            waiting = [asyncio.create_task(group.spawn(note, n)) for n in range(5)]
            await settle()
            meter.gate.set()
            await asyncio.gather(*waiting)

        assert order == [0, 1, 2, 3, 4]

    async def test_a_task_cancelled_before_its_first_step_gives_its_room_back(self):
        """The user may cancel the task that `spawn` returned at any time."""
        meter = Meter()
        async with BoundedTaskGroup(1) as group:
            (await group.spawn(meter.work)).cancel()
            assert await (await group.spawn(give, 1)) == 1

    @pytest.mark.parametrize("limit", [0, -1, 1.5, "8", True, None])
    async def test_a_limit_that_is_none_is_refused(self, limit):
        """The error names the argument, what it got and what it allows."""
        with pytest.raises(ValueError, match=r"^limit: expected a whole number of at least 1, got"):
            BoundedTaskGroup(limit)

    async def test_repr_tells_how_full_the_group_is(self):
        """The `repr` shows what runs, the limit, and the results that nobody has read."""
        meter = Meter()
        async with BoundedTaskGroup(3) as group:
            await (await group.spawn(give, 1))
            await group.spawn(meter.work)
            await settle()
            assert repr(group) == "<BoundedTaskGroup running=1/3 results=1>"
            meter.gate.set()


class TestResults:
    """What iterating over a group yields."""

    async def test_come_in_the_order_in_which_tasks_end(self):
        """Not in the order in which they were spawned."""
        async with BoundedTaskGroup(8) as group:
            for turns in (30, 10, 20):
                await group.spawn(give_later, turns, turns)
            assert [turns async for turns in group] == [10, 20, 30]

    async def test_the_first_comes_before_the_last_task_ends(self):
        """Iterating hands out a result as soon as there is one."""
        meter = Meter()
        async with BoundedTaskGroup(2) as group:
            await group.spawn(meter.work)
            await group.spawn(give_later, "early", 5)
            assert await anext(group) == "early"
            meter.gate.set()

    async def test_are_there_after_the_block(self):
        """What was not read inside the block can be read behind it."""
        async with BoundedTaskGroup(2) as group:
            for number in range(3):
                await group.spawn(give, number)

        assert [number async for number in group] == [0, 1, 2]

    async def test_of_an_empty_group_are_none(self):
        """Iterating over a group without tasks ends at once."""
        async with BoundedTaskGroup(2) as group:
            assert [result async for result in group] == []

    async def test_none_is_a_result_too(self):
        """A task that returns nothing counts as one result."""
        async with BoundedTaskGroup(2) as group:
            await group.spawn(asyncio.sleep, 0)
            assert [result async for result in group] == [None]

    async def test_a_cancelled_task_has_none(self):
        """Iterating does not wait for the result of a task that was cancelled."""
        meter = Meter()
        async with BoundedTaskGroup(2) as group:
            task = await group.spawn(meter.work)
            await group.spawn(give, "kept")
            await settle()
            asyncio.get_running_loop().call_soon(task.cancel)
            assert [result async for result in group] == ["kept"]

    async def test_two_readers_share_them(self):
        """Each result goes to one reader, and both end."""

        async def read(group):
            return [result async for result in group]

        async with BoundedTaskGroup(4) as group:
            for number in range(4):
                await group.spawn(give_later, number, 10 + number)
            first, second = await asyncio.gather(read(group), read(group))

        assert sorted(first + second) == [0, 1, 2, 3]

    async def test_a_reader_that_is_cancelled_takes_none_with_it(self):
        """Cancelling the wait for a result leaves the result to the next reader."""
        meter = Meter()
        async with BoundedTaskGroup(1) as group:
            await group.spawn(meter.work, "kept")
            reader = asyncio.ensure_future(anext(group))
            await settle()
            reader.cancel()
            meter.gate.set()
            assert [result async for result in group] == ["kept"]


class TestLabels:
    """Which sender a task gets."""

    async def test_each_task_gets_the_sender_of_its_label(self):
        """The sender comes before the other arguments."""
        builder = Builder()

        async def work(sender, text):
            await sender.log(20, text)

        async with BoundedTaskGroup(1, builder) as group:
            await group.spawn(work, "one", label="ct/100")
            await group.spawn(work, "two", label="ct/101")

        assert builder.lines == [("ct/100", "one"), ("ct/101", "two")]

    async def test_the_task_is_named_after_its_label(self):
        """A record's task name then says the same as its label."""
        async with BoundedTaskGroup(1, Builder()) as group:
            task = await group.spawn(give, label="ct/100")

        assert task.get_name() == "ct/100"

    async def test_work_without_a_label_gets_no_sender(self):
        """Only what was passed reaches the work."""
        async with BoundedTaskGroup(1, Builder()) as group:
            assert await (await group.spawn(give, "alone")) == "alone"

    async def test_a_label_needs_a_builder(self):
        """The error names the label; no task was started and no room is taken."""
        async with BoundedTaskGroup(1) as group:
            with pytest.raises(ValueError, match="group without a builder, got 'ct/100'"):
                await group.spawn(give, label="ct/100")
            assert await (await group.spawn(give, 1)) == 1

    async def test_a_builder_that_refuses_takes_no_room(self):
        """What `sender_with_label` raises reaches the caller of `spawn`."""

        class Closed:
            def sender_with_label(self, label):
                raise RuntimeError("closed")

        async with BoundedTaskGroup(1, Closed()) as group:
            with pytest.raises(RuntimeError, match="closed"):
                await group.spawn(give, label="x")
            assert await (await group.spawn(give, 1)) == 1


class TestFailure:
    """What the failure of one task does to the others."""

    async def test_leaves_the_block_in_a_group(self):
        """Failures of several tasks leave `async with` together."""
        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(2) as group:
                await group.spawn(fail, KeyError("a"))
                await group.spawn(fail, ValueError("b"))
                await settle()

        assert caught.group_contains(KeyError, match="a")

    async def test_cancels_the_others(self):
        """The first failure ends every other task of the group."""
        meter = Meter()
        with pytest.raises(ExceptionGroup):
            async with BoundedTaskGroup(3) as group:
                await group.spawn(meter.work)
                await group.spawn(meter.work)
                await group.spawn(fail, ValueError())

        assert (meter.started, meter.now) == (2, 0)

    async def test_ends_a_body_that_waits_for_room(self):
        """No task is started after one has failed."""
        meter = Meter()
        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(2) as group:
                await group.spawn(fail, ValueError("only"))
                await spawn_all(group, meter.work, 100)

        assert meter.started <= 2
        assert [str(error) for error in caught.value.exceptions] == ["only"]

    async def test_ends_a_body_that_never_has_to_wait(self):
        """With room for all, a failure still ends the loop that spawns."""
        meter = Meter()
        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(1000) as group:
                await group.spawn(fail, ValueError("only"))
                await spawn_all(group, meter.work, 900)

        assert meter.started < 10
        assert len(caught.value.exceptions) == 1

    async def test_ends_a_body_that_reads_results(self):
        """Iterating does not go on, or hang, behind a failure."""
        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(2) as group:
                await group.spawn(fail, ValueError("only"))
                await group.spawn(give_later, 1, 50)
                pytest.fail(f"not cancelled: {[result async for result in group]}")

        assert [str(error) for error in caught.value.exceptions] == ["only"]

    async def test_keeps_the_results_of_those_that_had_ended(self):
        """What was done before the failure can still be told."""
        with pytest.raises(ExceptionGroup):
            async with BoundedTaskGroup(2) as group:
                await group.spawn(give, "done")
                await settle()
                await group.spawn(fail, ValueError())

        assert [result async for result in group] == ["done"]

    async def test_before_the_first_await_counts_too(self):
        """A function that raises when it is called fails its task, not the body."""

        def broken():
            raise ValueError("broken")

        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(2) as group:
                await group.spawn(broken)

        assert caught.group_contains(ValueError, match="broken")

    async def test_of_the_body_cancels_the_tasks(self):
        """An error in the body comes out in the group, behind all tasks."""
        meter = Meter()
        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(2) as group:
                await group.spawn(meter.work)
                await settle()
                raise KeyError("body")

        assert (meter.started, meter.now) == (1, 0)
        assert caught.group_contains(KeyError, match="body")

    async def test_releases_a_stranger_that_waits_for_room(self):
        """A task outside the group is told that the group has ended."""
        meter = Meter()
        with pytest.raises(ExceptionGroup):
            async with BoundedTaskGroup(1) as group:
                await group.spawn(meter.work)
                strangers = [asyncio.create_task(group.spawn(give, n)) for n in range(3)]
                await settle()
                raise KeyError("body")

        outcomes = await asyncio.gather(*strangers, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [RuntimeError] * 3


class TestCancellation:
    """What is left when somebody is cancelled."""

    async def test_of_the_owner_ends_all_tasks(self):
        """Cancelling the task that holds the block cancels what runs in it, and nothing stays."""
        meter = Meter()

        async def own():
            async with BoundedTaskGroup(2) as group:
                await spawn_all(group, meter.work, 2)

        owner = asyncio.create_task(own())
        await settle()
        owner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await owner
        assert (meter.started, meter.now) == (2, 0)

    async def test_while_waiting_for_room_starts_nothing_and_takes_nothing(self):
        """The room that a cancelled `spawn` waited for goes to the next."""
        meter = Meter()
        async with BoundedTaskGroup(1) as group:
            await group.spawn(meter.work)
            first = asyncio.create_task(group.spawn(meter.work))
            second = asyncio.create_task(group.spawn(give, "second"))
            await settle()
            first.cancel()
            meter.gate.set()
            assert await (await second) == "second"

        assert (first.cancelled(), meter.started) == (True, 1)

    async def test_in_the_moment_in_which_room_is_given_loses_no_room(self):
        """Room given to a `spawn` that is cancelled before it runs goes to the next."""
        meter = Meter()
        async with BoundedTaskGroup(1) as group:
            running = await group.spawn(meter.work)
            first = asyncio.create_task(group.spawn(meter.work))
            await settle()
            running.add_done_callback(lambda _: first.cancel())
            meter.gate.set()
            await asyncio.wait([first])
            assert await (await group.spawn(give, 1)) == 1

    @pytest.mark.parametrize("turns", range(12))
    async def test_after_any_number_of_turns_leaves_nothing_running(self, turns):
        """Wherever the owner is cancelled, every task has ended and no room is lost."""
        meter = Meter()
        group = BoundedTaskGroup(2)

        async def own():
            async with group:
                for number in range(6):
                    await group.spawn(give_later, number, 2)
                    await group.spawn(meter.work)

        owner = asyncio.create_task(own())
        for _ in range(turns):
            await asyncio.sleep(0)
        owner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await owner

        assert meter.now == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert repr(group).startswith("<BoundedTaskGroup running=0/2 ")


class TestMembers:
    """Tasks that spawn in their own group."""

    async def test_may_spawn_siblings(self):
        """A task of the group can start others in it, while the body already leaves."""

        async def parent(group):
            await group.spawn(give, "child")
            return "parent"

        async with BoundedTaskGroup(2) as group:
            await group.spawn(parent, group)

        assert {result async for result in group} == {"parent", "child"}

    async def test_that_all_wait_for_room_are_told(self):
        """Where no task could ever end, `spawn` raises rather than hangs."""
        meter = Meter()

        async def parent(group):
            await meter.work()
            await group.spawn(give, "child")

        with pytest.raises(ExceptionGroup) as caught:
            async with BoundedTaskGroup(2) as group:
                await group.spawn(parent, group)
                await group.spawn(parent, group)
                meter.gate.set()

        assert caught.group_contains(RuntimeError, match="all 2 running tasks wait for room")

    async def test_may_wait_while_one_can_still_end(self):
        """Waiting is allowed as long as another task of the group runs."""
        meter = Meter()

        async def parent(group):
            return await (await group.spawn(give, "child"))

        async with BoundedTaskGroup(2) as group:
            await group.spawn(meter.work)
            task = await group.spawn(parent, group)
            await settle()
            meter.gate.set()
            assert await task == "child"


class TestState:
    """When a group can be used, and what it keeps."""

    async def test_spawning_outside_the_block_is_an_error(self):
        """Before `async with` and behind it, nothing is started."""
        group = BoundedTaskGroup(1)
        with pytest.raises(RuntimeError, match="has not been entered"):
            await group.spawn(give, 1)
        async with group:
            pass
        with pytest.raises(RuntimeError, match="is finished"):
            await group.spawn(give, 1)

    async def test_a_thousand_tasks_leave_nothing_behind(self):
        """An ended task is not kept, only its result."""
        group = BoundedTaskGroup(10)
        async with group:
            task = weakref.ref(await group.spawn(give, 0))
            await spawn_all(group, settle, 10)
            gc.collect()
            assert task() is None

    async def test_work_begins_after_spawn_has_returned(self):
        """Also where tasks are eager, the caller holds the task before its work runs."""
        begun = []

        async def work():
            begun.append("work")

        async with BoundedTaskGroup(1) as group:
            await group.spawn(work)
            assert begun == []
