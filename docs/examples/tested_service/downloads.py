"""A service that fetches files, and logs what becomes of them."""

import asyncio

from asynclog import BufferedLogger


class Downloads:
    """Fetches files, several at a time.

    Args:
        logger: takes the lines.
        fetch: returns the bytes of a name.
    """

    def __init__(self, logger, fetch):
        self._logger = logger
        self._fetch = fetch

    async def run(self, names):
        """Fetch all of *names*."""
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self._one(name))

    async def _one(self, name):
        sender = self._logger.sender_with_label(name)
        await sender.debug("begin")
        try:
            data = await self._fetch(name)
        except OSError:
            await sender.exception("failed")
        else:
            await sender.info("done", size=len(data))


async def fetch(name):
    """Return what stands for a file here."""
    await asyncio.sleep(0.1)
    return name.encode()


async def main():
    async with BufferedLogger(max_lines=100, max_age=5.0, level="INFO") as logger:
        await Downloads(logger, fetch).run(["a.iso", "b.iso"])


if __name__ == "__main__":
    asyncio.run(main())
