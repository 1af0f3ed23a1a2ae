"""Asyncio-native logging: grouped by task, structured, and accounted for line by line."""

# The map of the package, in the order in which a line travels through it:
#
#   senders     what a program logs with; makes a record of each call   scope, messages, attributes
#   collector   one buffer for each label, sealed into batches          buffers, ledger, threads
#   handlers    filter, format on the loop, and on to each sink         filters, formatters
#   sinks       files, the console, the network
#   logger      opens all of this, and closes it                        lifecycle
#
# The words that all of them speak: errors, levels, clock, records, protocols.

from ._version import __version__
from .buffers import Overflow
from .errors import AsynclogError, FlushError, LoggerClosed
from .handlers import Handler
from .ledger import Statistics
from .levels import Level
from .logger import BufferedLogger
from .protocols import LogSender
from .records import Record
from .scope import scope
from .senders import LogLineSender
from .unbuffered import UnbufferedLogLineSender

__all__ = [
    "AsynclogError",
    "BufferedLogger",
    "FlushError",
    "Handler",
    "Level",
    "LogLineSender",
    "LogSender",
    "LoggerClosed",
    "Overflow",
    "Record",
    "Statistics",
    "UnbufferedLogLineSender",
    "__version__",
    "scope",
]
