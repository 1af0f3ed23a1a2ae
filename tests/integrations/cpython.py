"""Runs CPython's own tests of `logging` with `AsynclogHandler` where they have a `StreamHandler`.

`python -m tests.integrations.cpython ended`: every line is written in the calling thread, as after
the end of a logger.  `... running`: it goes through a logger whose loop runs in another thread.
The module `test.test_logging` is that of the running interpreter, loaded with the one name
`logging.StreamHandler` replaced; what it says of other handlers is not run.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
import threading
import unittest
import warnings
from contextlib import suppress
from typing import ClassVar

from asynclog import BufferedLogger, Handler
from asynclog.integrations.stdlib import AsynclogHandler

APPLYING = {
    "BuiltinLevelsTest": (),
    "BasicFilterTest": (),
    "CustomLevelsAndFiltersTest": (),
    "HandlerTest": ("test_name", "test_post_fork_child_no_deadlock"),
    "MemoryHandlerTest": (),
    "ConfigFileTest": (),
    "ConfigDictTest": (),
    "ManagerTest": (),
    "ChildLoggerTest": (),
    "LogRecordFactoryTest": (),
    "QueueHandlerTest": (),
    "EncodingTest": (),
    "WarningsTest": (),
    "ExceptionTest": (),
    "LastResortTest": (),
    "ShutdownTest": (),
    "ModuleLevelMiscTest": (),
    "LoggerAdapterTest": (),
    "LoggerTest": (),
}
"""Those that log to a stream, through a handler or by one behind another; () for all of a class."""


REAL = logging.StreamHandler


class Message:
    """Writes the message: what a formatter of `logging` has made of the record."""

    def format(self, record):
        """Return it."""
        return record.message


class StreamSink:
    """Writes to the text stream of a handler, as `logging.StreamHandler` does."""

    def __init__(self, handler):
        self.handler = handler

    async def open(self):
        """Do nothing."""

    async def write(self, batch):
        """Write."""
        self.write_now(batch)

    def write_now(self, batch):
        """Write."""
        for line in batch.lines:
            self.handler.stream.write(line + self.handler.terminator)

    async def flush(self, *, durable=False):
        """Do nothing."""

    async def aclose(self):
        """Do nothing."""


class Stand(AsynclogHandler):
    """Stands where a `StreamHandler` was: same arguments, same lines on the same stream."""

    terminator = "\n"
    loop = None
    builders: ClassVar[list] = []  # kept: a handler that is dropped would leave one unclosed

    def __init__(self, stream=None):
        if not isinstance(self, Stand):  # a FileHandler, which calls its parent's methods by name
            REAL.__init__(self, stream)
            return
        self.stream = stream or sys.stderr
        handler = Handler(StreamSink(self), formatter=Message())
        self.builder = BufferedLogger(100, 60.0, handlers=handler)
        self.builders.append(self.builder)
        if self.loop is None:
            with suppress(StopIteration):  # without a loop, which would log that there is one
                self.builder.aclose().send(None)
        else:
            asyncio.run_coroutine_threadsafe(self.builder.open(), self.loop).result()
        super().__init__(self.builder)
        self.setFormatter(logging.Formatter())

    def emit(self, record):
        """Log, and wait until it is written."""
        if not isinstance(self, Stand):
            REAL.emit(self, record)
            return
        super().emit(record)
        self.flush()

    def close(self):
        """End the logger, too."""
        if not isinstance(self, Stand):
            REAL.close(self)
            return
        super().close()
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self.builder.aclose(), self.loop).result()


def _load():
    logging.StreamHandler = Stand
    try:
        return importlib.import_module("test.test_logging")
    except ImportError as error:
        sys.exit(f"this Python comes without the tests of its library ({error}): install them")


def _chosen(module):
    suite = unittest.TestSuite()
    for name, tests in APPLYING.items():
        case = getattr(module, name)
        names = tests or unittest.TestLoader().getTestCaseNames(case)
        suite.addTests(case(one) for one in names if hasattr(case, one))
    return suite


def main(mode):
    """Run them, and leave with 1 if one has failed."""
    warnings.simplefilter("ignore")
    if mode == "running":
        Stand.loop = asyncio.new_event_loop()
        threading.Thread(target=Stand.loop.run_forever, daemon=True).start()
    result = unittest.TextTestRunner(verbosity=1).run(_chosen(_load()))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main(sys.argv[1])
