"""Who is logging."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from asynclog import origins
from asynclog.origins import MAX_KEPT, caller_outside, current_origin, forget_origins, origin_of


@pytest.fixture(autouse=True)
def _nothing_remembered():
    forget_origins()


def in_thread(call, name="other"):
    """Return what *call* returns in a thread of its own."""
    results = []
    thread = threading.Thread(target=lambda: results.append(call()), name=name)
    thread.start()
    thread.join()
    return results[0]


def test_an_origin_names_process_and_thread():
    """As the operating system and Python know them."""
    origin = current_origin()
    assert origin.process_id == os.getpid()
    assert (origin.thread_id, origin.native_id, origin.thread_name, origin.task_name) == (
        threading.get_ident(),
        threading.get_native_id(),
        threading.current_thread().name,
        None,
    )


async def test_an_origin_names_the_task():
    """By the name that the program gave it."""

    async def inside():
        return current_origin().task_name

    assert await asyncio.create_task(inside(), name="download 7") == "download 7"


async def test_in_a_callback_of_the_loop_there_is_no_task():
    """A line logged there is nobody's."""
    told = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(lambda: told.set_result(current_origin()))
    assert (await told).task_name is None


@pytest.mark.parametrize(
    ("argv", "name"), [(["/bin/serve"], "serve"), ([""], "python"), ([], "python")]
)
def test_the_process_is_called_after_its_program(monkeypatch, argv, name):
    """An interactive interpreter has no program."""
    monkeypatch.setattr(sys, "argv", argv)
    assert current_origin().process_name == name


def test_lines_of_one_task_share_one_origin():
    """It is looked up once, not for each line."""
    ident = threading.get_ident()
    assert origin_of(ident, "t") is origin_of(ident, "t")
    assert origin_of(ident, "t") is not origin_of(ident, "u")


def test_a_thread_that_takes_over_an_id_has_an_origin_of_its_own():
    """The kernel gives the number of a thread that has ended to the next."""
    first, second = (in_thread(lambda: origin_of(1, None), name) for name in ("first", "second"))
    assert (first.thread_name, second.thread_name) == ("first", "second")
    assert first.native_id != second.native_id


def test_names_without_end_are_not_all_kept():
    """Most tasks have a name that nobody uses again."""
    for number in range(MAX_KEPT + 1):
        origin_of(1, str(number))
    assert len(origins._kept.by_task) == 1


def test_a_forked_child_looks_itself_up_anew():
    """Its process id is another one."""
    before = current_origin()
    forget_origins()
    assert current_origin() == before
    assert current_origin() is not before


async def test_the_running_task_of_a_loop_is_found():
    """In the way that is fastest in this version of Python."""
    assert origins.task_of_loop(asyncio.get_running_loop()) is asyncio.current_task()


def test_the_caller_is_where_the_line_was_logged():
    """It is the nearest frame of another file than the one that asks."""
    caller = caller_outside("another file")

    assert caller.file == __file__
    assert caller.line == sys._getframe().f_lineno - 3
    assert caller.function == "test_the_caller_is_where_the_line_was_logged"
