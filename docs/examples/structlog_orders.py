"""Several orders at once, logged with structlog, and each order's lines together in one file.

python structlog_orders.py orders.log
"""

import asyncio
import sys

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars, merge_contextvars

from asynclog import BufferedLogger, Handler
from asynclog.formatters import JSONFormatter
from asynclog.integrations.structlog import (
    AsynclogRenderer,
    LoggerFactory,
    make_filtering_bound_logger,
)
from asynclog.sinks import FileSink

log = structlog.get_logger()


class OutOfStock(Exception):
    """There is nothing left of an item."""


async def reserve(item):
    """Reserve one of *item*; the log knows of which order, though nobody says so here."""
    log.info("reserving", item=item)
    await asyncio.sleep(0)
    if item == "lamp":
        raise OutOfStock(item)


async def process(order, items):
    """Process one order."""
    with bound_contextvars(order=order):
        log.info("order received", items=len(items))
        try:
            for item in items:
                await reserve(item)
        except OutOfStock:
            await log.aexception("order failed")
        else:
            await log.ainfo("order done")


def label():
    """Group lines by order."""
    order = get_contextvars().get("order")
    return "main" if order is None else f"order/{order}"


async def main(path):
    handler = Handler(FileSink(path), formatter=JSONFormatter(layout="flat"))
    async with BufferedLogger(max_lines=100, max_age=5.0, handlers=handler) as logger:
        structlog.configure(
            processors=[merge_contextvars, AsynclogRenderer()],
            wrapper_class=make_filtering_bound_logger("info"),
            logger_factory=LoggerFactory(logger, label),
            cache_logger_on_first_use=True,
        )
        log.info("started")
        async with asyncio.TaskGroup() as group:
            group.create_task(process(1, ["chair", "table"]))
            group.create_task(process(2, ["chair", "lamp"]))
            group.create_task(process(3, ["shelf"]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
