"""How a gatherer's work goes on when the server does not; what it does with one is in test_gatherer."""

import asyncio

import pytest

from asynclog.central.collecting import Collecting, Settings
from asynclog.central.scripts import Work
from asynclog.central.tally import Tally
from asynclog.errors import ServerError

pytestmark = pytest.mark.virtual

GONE = ServerError("CONNECTION", "the connection is closed")
REFUSED = ServerError("OOM", "no memory")


class Trouble:
    """A shard whose server fails in one step of each round."""

    shard = "a:0"

    def __init__(self, **errors):
        self.errors = errors

    async def next(self, want):
        """Name a second that is over, or fail."""
        if "next" in self.errors:
            raise self.errors["next"]
        return Work(0, [], [5], 0)

    async def claim(self, second, batch):
        """Fail."""
        raise self.errors["claim"]


async def rounds(source, seconds):
    """Return how many rounds are tried in so many seconds."""
    tally, stopping = Tally(), asyncio.Event()
    work = Collecting(source, None, Settings(1_000, 0), tally, stopping)
    asyncio.get_running_loop().call_later(seconds, stopping.set)
    await work.run(once=False)
    return tally.statistics.failures


async def test_a_server_that_crashes_again_and_again_is_met_soon_each_time():
    """It answers, and is gone in the middle of the round: pauses do not grow."""
    assert await rounds(Trouble(claim=GONE), 60) > 1_000


@pytest.mark.parametrize("trouble", [{"next": GONE}, {"claim": REFUSED}])
async def test_a_server_that_is_gone_or_refuses_is_asked_less_and_less(trouble):
    """Nothing is gained by asking all the time."""
    assert await rounds(Trouble(**trouble), 60) < 40
