"""Orders in a database, by a library that logs with `logging`: all lines in one stream.

    python docs/examples/orders.py [DATABASE]

aiosqlite works in a thread of its own, and logs each of its steps there, at DEBUG.  Here these lines
stand beside those of the program, and only those of the order that failed are of interest.
"""

import asyncio
import sqlite3
import sys

import aiosqlite

from asynclog import BufferedLogger, Handler, scope
from asynclog.formatters import PatternFormatter
from asynclog.integrations.stdlib import install
from asynclog.sinks import ConsoleSink

LINE = PatternFormatter("{severity:<8} [{label}]: {message}{...:{ :r}{{name}={value}:p}{ :s}s}")


async def place(builder, connection, number, customer):
    """Write one order, and log how that goes."""
    sender = builder.sender_with_label(f"order {number}")
    with scope(customer=customer):
        await sender.info("order arrives")
        try:
            await connection.execute("INSERT INTO orders VALUES (?, ?)", (number, customer))
        except sqlite3.IntegrityError as error:
            await sender.error("not placed: {}", error)
        else:
            await sender.info("order placed")


async def main(path):
    handler = Handler(ConsoleSink("stdout", colour=False), formatter=LINE)
    levels = {"aiosqlite": "DEBUG"}
    async with BufferedLogger(100, 5.0, handlers=handler, level="INFO", levels=levels) as builder:
        install(builder, level="DEBUG")
        async with aiosqlite.connect(path) as connection:
            await connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, customer)")
            await place(builder, connection, 17, "ann")
            await place(builder, connection, 18, "ben")
            await place(builder, connection, 17, "eve")
            await connection.commit()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ":memory:"))
