"""The tests of the service look at its log."""

import asyncio

from asynclog import BufferedLogger, Level
from downloads import Downloads


async def fetch(name):
    """Fetch, except what cannot be fetched."""
    await asyncio.sleep(0)
    if name == "bad":
        raise ConnectionResetError("gone")
    return b"data"


def serve(*names, **options):
    """Run the service once."""

    async def main():
        async with BufferedLogger(100, 60.0, **options) as logger:
            await Downloads(logger, fetch).run(names)

    asyncio.run(main())


def test_each_file_has_a_label_of_its_own(asynclog_capture):
    serve("a", "b")
    assert {record.label for record in asynclog_capture.records} == {"a", "b"}


def test_a_failure_is_logged_with_its_exception(asynclog_capture):
    serve("bad")
    (failure,) = [one for one in asynclog_capture.records if one.level == Level.ERROR]
    assert failure.exception.type == "ConnectionResetError"


def test_the_beginning_is_logged_for_those_who_search_faults(asynclog_capture):
    with asynclog_capture.at_level("DEBUG"):
        serve("a", level="INFO")
    assert asynclog_capture.messages == ["begin", "done"]


def test_no_line_is_lost_under_load(asynclog_capture):
    serve(*map(str, range(500)))
    assert len(asynclog_capture.records) == 1000
    asynclog_capture.assert_nothing_dropped()


def test_another_task_waits_for_a_line(asynclog_capture):
    async def main():
        async with BufferedLogger(100, 60.0) as logger:
            service = asyncio.create_task(Downloads(logger, fetch).run(["a"]))
            done = await asynclog_capture.wait_for(lambda one: one.message == "done", timeout=5)
            await service
        assert done.attributes == {"size": 4}

    asyncio.run(main())
