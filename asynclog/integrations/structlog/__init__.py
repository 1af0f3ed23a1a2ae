"""structlog in front, asynclog behind: event dicts become lines, written off the caller's way.

To be configured with `processors=[merge_contextvars, AsynclogRenderer()]`,
`wrapper_class=make_filtering_bound_logger("info")` and `logger_factory=LoggerFactory(logger)`.
"""

try:
    import structlog  # noqa: F401 - what is imported below needs it
except ImportError:
    raise ImportError(
        "asynclog.integrations.structlog needs structlog: install asynclog-toolkit[structlog]"
    ) from None

from .bound import make_filtering_bound_logger
from .factory import LoggerFactory
from .formatter import StructlogFormatter
from .logger import METHODS, Logger
from .renderer import AsynclogRenderer

__all__ = [
    "METHODS",
    "AsynclogRenderer",
    "Logger",
    "LoggerFactory",
    "StructlogFormatter",
    "make_filtering_bound_logger",
]
