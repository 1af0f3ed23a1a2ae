"""Handlers: which records go, in what form, to which sinks."""

from .handler import Handler
from .sieve import Filtered

__all__ = ["Filtered", "Handler"]
