"""ASGI services: the lines of each request together, and one that tells how it went."""

from .current import current_sender
from .middleware import AsynclogMiddleware
from .servers import log_config, request_label

__all__ = ["AsynclogMiddleware", "current_sender", "log_config", "request_label"]
