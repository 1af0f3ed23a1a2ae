"""Trials that are short enough to run each time; the long ones are `nox -s soak`."""

import pytest

from .trial import Trial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_producers_gatherers_and_the_server_are_killed(tmp_path, store_url):
    """In either store, every event is there once."""
    account = await Trial(tmp_path, store_url, seconds=4).run()
    print(account)

    assert account.difference == 0
    assert account.catalogued == account.delivered
    assert all(account.kills.values())


async def test_a_store_that_is_locked_by_somebody_else(tmp_path, sqlite_url):
    """For longer than anybody waits for it."""
    account = await Trial(tmp_path, sqlite_url, seconds=5).run(lock=3.0)
    print(account)

    assert (account.difference, account.kills["locks"]) == (0, 1)
