"""Lines counted in Redis, and gathered into SQLite."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from asynclog.central import CentralSink
from asynclog.central.event import decode
from asynclog.central.keys import Keys
from asynclog.central.reports import Limits
from asynclog.errors import AsynclogError

from .base import LoggerAdapter

HORIZON = float(os.environ.get("ASYNCLOG_FAULTS_HORIZON", "1"))
"""Seconds, of producer and gatherer."""
LIMITS = Limits(groups=1_000_000)
"""Room for minutes in which nothing can be gathered: each line is a group of its own here."""
KEYS = Keys("asynclog", 0)
KEY = KEYS.pending
"""What the scripts replace by something else."""


class CentralAdapter(LoggerAdapter):
    """Reports to the server whose URL is the target."""

    name = "asynclog_central"
    kinds: ClassVar[set[str]] = {"redis"}
    durable = "peer"

    def make_sink(self):
        """Return a sink for the target."""
        self.sink = CentralSink(self.target, horizon=HORIZON, flush_interval=0.05, limits=LIMITS)
        return self.sink

    def stats(self):
        """Return the account of the logger and of the sink, together."""
        central = self.sink.statistics()
        logger = super().stats()
        return {
            "accepted": logger["accepted"],
            "emitted": central.acknowledged,
            "dropped": logger["dropped"] + central.dropped,
            "buffered": logger["buffered"] + central.waiting,
            "errors": [one.last_error for one in central.shards],
        }


def gatherer_argv(python, url, db):
    """Return the command of a gatherer that may be killed at any moment."""
    options = ("--horizon", f"{HORIZON:g}", "--grace", "0.2", "--lease", f"{HORIZON + 1.5:g}")
    return [python, "-m", "asynclog", "gather", *options, url, f"sqlite:///{db}"]


def read_db(db):
    """Return the text of each event, as often as it came, in order of time."""
    if not Path(db).exists():
        return []
    query = "select payload, repeats from events order by second, time_ns"
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # no gatherer has made the tables yet
    return [text for payload, repeats in rows for text in [_text(payload)] * repeats]


def _text(payload):
    try:
        return decode(payload).message
    except (AsynclogError, TypeError):
        return ""


def pending(client):
    """Return how many seconds and batches are not in the database."""
    return client.zcard(KEYS.pending) + client.zcard(KEYS.claims)
