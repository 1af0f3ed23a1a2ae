"""Handlers: which records go, in what form, to which sinks."""

from .handler import Handler

__all__ = ["Handler"]
