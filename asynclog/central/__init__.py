"""Central events: bursts of identical lines counted in Redis, or in a database at once."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .event import Event
from .fingerprint import Fingerprint, Rule, fingerprint

if TYPE_CHECKING:
    from .gatherer import Gatherer
    from .log import CentralLog
    from .sink import CentralSink

__all__ = [
    "CentralLog",
    "CentralSink",
    "Event",
    "Fingerprint",
    "Gatherer",
    "Rule",
    "fingerprint",
]

# What talks to servers takes long to load; who only reads events needs none of it.
_LATE = {"CentralLog": ".log", "CentralSink": ".sink", "Gatherer": ".gatherer"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_LATE[name], __name__), name)
    globals()[name] = found
    return found
