"""Filters: callables that tell which records are kept.

Any callable `Record -> bool` is a filter.  Those here combine: of several, the one that decides
for the least cost stands first.  Filters that hold lines back on their own account, by chance, by
rate or because they repeat, say so in the stream; see `asynclog.protocols.AnnouncingFilter`.
"""

from __future__ import annotations

from .combining import all_of, any_of, none_of
from .conditions import at_least, labelled, where
from .duplicates import deduplicated
from .rates import rate_limited
from .sampling import sampled

__all__ = [
    "all_of",
    "any_of",
    "at_least",
    "deduplicated",
    "labelled",
    "none_of",
    "rate_limited",
    "sampled",
    "where",
]
