"""Jobs in the background, some of which fail or hold up the loop, and nobody waits for them.

    python docs/examples/jobs.py

What asyncio has to say of that comes under the name of the job that it is about, beside the lines
that the job has logged itself.
"""

import asyncio
import time

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations import asyncio as reports
from asynclog.sinks import ConsoleSink

LINE = PatternFormatter("{severity:<8} [{label}]: {message}{at:{ at :r}}", multiline="indent")


async def thumbnail(builder, picture):
    """Make a thumbnail of a picture; one is broken, and one is so large that it takes long."""
    sender = builder.sender_with_label(f"thumbnail {picture}")
    await sender.info("begins")
    await asyncio.sleep(0)
    if picture == "broken.png":
        raise ValueError("no such format")
    if picture == "large.png":
        time.sleep(0.5)  # this should be in a thread
    await sender.info("done")


async def main():
    handler = Handler(ConsoleSink("stdout", colour=False), formatter=LINE)
    async with BufferedLogger(100, 5.0, handlers=handler) as builder:
        reports.install(builder, slow_callback=0.2)
        for picture in ("small.png", "broken.png", "large.png"):
            name = f"thumbnail {picture}"
            # A mistake that is made often: nobody keeps the task, nobody awaits it.
            asyncio.create_task(thumbnail(builder, picture), name=name)
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main())
