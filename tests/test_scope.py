"""Attributes for everything inside a `with` block."""

from __future__ import annotations

import asyncio
import contextvars

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclog.scope import INSIDE_PIPELINE, Surroundings, current_scope, scope

NAMES = st.dictionaries(st.sampled_from("abcd"), st.integers(), max_size=4)


def test_outside_of_any_scope_there_is_none():
    """The hot path asks for no more than that."""
    assert current_scope.get() is None


def test_a_scope_holds_inside_its_block():
    """And not a moment longer."""
    with scope(request="r-17"):
        assert current_scope.get() == {"request": "r-17"}
    assert current_scope.get() is None


@given(outer=NAMES, inner=NAMES)
def test_the_inner_scope_wins_and_stands_first(outer, inner):
    """A lookup finds the innermost first."""
    with scope(**outer), scope(**inner):
        merged = current_scope.get()
    assert merged == {**outer, **inner}
    assert list(merged) == list(dict.fromkeys([*inner, *outer]))


def test_an_error_inside_ends_the_scope_too():
    """It goes on to the caller."""
    try:
        with scope(a=1):
            raise LookupError  # noqa: TRY301
    except LookupError:
        assert current_scope.get() is None


def test_any_name_can_be_an_attribute():
    """Also the one that Python's own methods use."""
    with scope(self=1, attributes=2):
        assert current_scope.get() == {"self": 1, "attributes": 2}


def test_a_list_changed_later_is_kept_as_it_was():
    """As with an attribute of the call."""
    numbers = [1]
    with scope(numbers=numbers):
        numbers.append(2)
        assert current_scope.get() == {"numbers": [1]}


async def test_a_task_inherits_the_scope_it_was_started_in():
    """What it does then is its own."""

    async def inside():
        with scope(b=2):
            return dict(current_scope.get())

    with scope(a=1):
        task = asyncio.create_task(inside())
    assert await task == {"b": 2, "a": 1}
    assert current_scope.get() is None


async def test_one_scope_may_be_entered_by_many_tasks_at_once():
    """Each leaves it for itself, in any order."""
    shared, doors = scope(a=1), [asyncio.Event(), asyncio.Event()]

    async def inside(door):
        with shared:
            await door.wait()
        return current_scope.get()

    tasks = [asyncio.create_task(inside(door)) for door in doors]
    for door, task in zip(doors, tasks, strict=True):
        await asyncio.sleep(0)
        door.set()
        assert await task is None


def test_one_scope_may_be_entered_twice():
    """It is left as often."""
    once = scope(a=1)
    with once:
        with once:
            pass
        assert current_scope.get() == {"a": 1}
    assert current_scope.get() is None


def test_a_scope_left_in_another_context_changes_nothing_there():
    """As when a generator is closed by somebody else."""
    one = scope(a=1)
    contextvars.copy_context().run(one.__enter__)
    with scope(b=2):
        one.__exit__(None, None, None)
        assert current_scope.get() == {"b": 2}


def test_inside_the_pipeline_a_scope_hides_no_mark():
    """A sink that uses a scope is still known as one."""
    context = contextvars.Context()
    context.run(current_scope.set, INSIDE_PIPELINE)

    def inside():
        with scope(a=1):
            return current_scope.get()

    assert context.run(inside) is INSIDE_PIPELINE


def test_a_scope_shows_its_names_only():
    """Values may be secrets."""
    assert repr(scope(user="u", token="hunter2")) == "scope(user, token)"


@pytest.fixture(name="around")
def _around():
    return Surroundings()


def test_surroundings_are_the_scope(around):
    """As long as nobody else knows anything."""
    with scope(a=1):
        assert around.get() == {"a": 1}
    assert around.get() is None


def test_what_sources_know_lies_behind_the_scope(around):
    """Of two sources, what the first knows wins."""
    around.add(lambda: {"a": 1, "b": 1, "c": 1})
    around.add(lambda: {"b": 2, "d": 2})
    with scope(a="scope"):
        assert around.get() == {"a": "scope", "b": 1, "c": 1, "d": 2}


@pytest.mark.parametrize("source", [lambda: None, dict, lambda: 1 / 0])
def test_a_source_that_knows_nothing_adds_nothing(around, source):
    """Nor does one that fails."""
    around.add(source)
    assert around.get() is None


def test_a_source_can_be_removed(around):
    """Then all is as before."""
    around.add(dict)
    around.remove(dict)
    assert around.get == current_scope.get


def test_inside_the_pipeline_nobody_is_asked(around):
    """A line that is logged there is refused anyway."""
    around.add(lambda: {"a": 1})
    token = current_scope.set(INSIDE_PIPELINE)
    assert around.get() is INSIDE_PIPELINE
    current_scope.reset(token)
