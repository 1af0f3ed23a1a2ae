"""What Uvicorn, Gunicorn and Hypercorn log themselves, brought to the logger of the service."""

from __future__ import annotations

import logging
from typing import Any

from ... import current as process
from ..stdlib import AsynclogHandler
from .current import current
from .told import was_told

_SERVERS = ("uvicorn", "uvicorn.error", "gunicorn.error", "hypercorn.error")
_ACCESS = ("uvicorn.access", "gunicorn.access", "hypercorn.access")
_NEVER = logging.CRITICAL + 1


def log_config(level: int | str = "INFO") -> dict[str, Any]:
    """Return what all three servers take as a configuration of `logging`, in one line each.

        uvicorn.run("service:app", log_config=log_config())  # Uvicorn
        logconfig_dict = log_config()                        # gunicorn.conf.py
        config.logconfig_dict = log_config()                 # Hypercorn's Config

    What is logged with `logging`, by the server, the application and its libraries, goes the way of
    asynclog's own lines, inside a request under its label.  The servers' own access lines are off,
    as those of the middleware say more, and so are tracebacks that the middleware has logged.

    Args:
        level: lines below it go nowhere.
    """
    server = {"handlers": ["asynclog"], "level": level, "propagate": False}
    access = {"handlers": [], "level": _NEVER, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"default": {}, "access": {}},  # Uvicorn's --use-colors looks for these two
        "handlers": {"asynclog": {"class": f"{__name__}.{ServerHandler.__name__}"}},
        "root": {"handlers": ["asynclog"], "level": level},
        "loggers": {
            **{name: dict(server) for name in _SERVERS},
            **{name: dict(access) for name in _ACCESS},
        },
    }


def request_label(record: logging.LogRecord) -> str:
    """Return the label of the request that is being served, or else the name of the logger.

    For `AsynclogHandler(label=request_label)`.
    """
    sender = current.get(None)
    return record.name if sender is None else sender.label


class ServerHandler(AsynclogHandler):
    """An `AsynclogHandler` for servers, whose parent processes never open a logger.

    What is logged before there is one is printed on stderr at once: nobody wants to wait until the
    end of a parent process to read where it listens.
    """

    def __init__(self) -> None:
        super().__init__(label=request_label)
        self._early = logging.StreamHandler()
        form = "%(asctime)s %(levelname)-8s [%(name)s]: %(message)s"
        self._early.setFormatter(logging.Formatter(form))

    def emit(self, record: logging.LogRecord) -> None:
        """Log *record*, unless it tells of an error that a request has told."""
        if record.exc_info and was_told(record.exc_info[1]):
            return
        if process.entry() is None:
            self._early.handle(record)
        else:
            super().emit(record)
