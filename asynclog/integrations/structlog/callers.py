"""Where in the source a line is logged, outside structlog and asynclog."""

from __future__ import annotations

from typing import Any

from structlog.processors import CallsiteParameter, CallsiteParameterAdder, StackInfoRenderer

from ...records import Caller

_stack = StackInfoRenderer(["asynclog."])
_caller = CallsiteParameterAdder(
    [CallsiteParameter.PATHNAME, CallsiteParameter.LINENO, CallsiteParameter.QUAL_NAME],
    ["asynclog."],
)
_NO_LOGGER: Any = None


def caller() -> Caller:
    """Return the place from which a line is logged."""
    where: Any = _caller(_NO_LOGGER, "", {})
    return Caller(where["pathname"], where["lineno"], where["qual_name"])


def stack() -> str:
    """Return the calls that led there, as text."""
    return str(_stack(_NO_LOGGER, "", {"stack_info": True})["stack"])
