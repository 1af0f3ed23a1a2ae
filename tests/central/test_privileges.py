"""The users that the documentation gives to producers and gatherers may do what these do."""

import re
from pathlib import Path

import pytest

from asynclog import BufferedLogger, Handler
from asynclog.central import CentralSink
from asynclog.central.gatherer import Gatherer

HOWTO = Path(__file__).parents[2] / "docs/howto"
USERS = [
    pytest.param(name, rule, id=f"{page.stem}-{name}")
    for page in sorted(HOWTO.glob("*.md"))
    for name, rule in re.findall(r"^user (\w+) (on >secret .*)$", page.read_text(), re.MULTILINE)
]


def url_of(server, name, rule):
    """Make the user anew, with nothing from before, and return the URL for it."""
    server.client.execute_command("ACL", "SETUSER", name, "reset", *rule.split())
    server.client.script_flush()
    return server.url.replace("//", f"//{name}:secret@")


def test_there_are_users():
    """Or the others would test nothing."""
    assert {one.values[0] for one in USERS} == {"producer", "gatherer"}


@pytest.mark.parametrize(("name", "rule"), USERS)
async def test_a_user_may_do_what_it_must(server, sqlite_url, name, rule):
    """All that was logged reaches the store, and nothing on the way is refused."""
    special = url_of(server, name, rule)
    urls = {"producer": server.url, "gatherer": server.url, name: special}
    sink = CentralSink(urls["producer"], horizon=0)
    async with BufferedLogger(100, 1.0, handlers=Handler(sink)) as logger:
        for number in range(3):
            await logger.sender_with_label("a").error("order {}", number)
    assert sink.statistics().shards[0].acknowledged == 3
    options = {"horizon": 0, "grace": 0}
    async with Gatherer(urls["gatherer"], sqlite_url, **options) as gatherer:
        account = await gatherer.run(once=True)
        await gatherer.requeue()
    assert (account.events, account.trouble) == (3, None)
    server.client.execute_command("ACL", "DELUSER", name)
