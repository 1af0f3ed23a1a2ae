"""Code that Python runs in the middle of other code: handlers of signals, and finalisers."""

from __future__ import annotations

import signal
import weakref
from types import CodeType, FrameType, FunctionType, MethodType

_PIPELINE = __name__.rpartition(".")[0] + ".handlers."
"""Where the modules begin that call filters, formatters and sinks."""
_FINALIZE = weakref.finalize.__call__.__code__


def is_aside(frame: FrameType | None) -> bool:
    """Whether *frame* belongs to something that merely interrupts the pipeline's work.

    It runs in the context of what it interrupts, so that only the stack tells it from a filter,
    formatter or sink.  A callback of a bare `weakref.ref` cannot be told from it at all.
    """
    handlers = _codes_of_signal_handlers()
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code is _FINALIZE or code in handlers:
            return True
        if str(frame.f_globals.get("__name__")).startswith(_PIPELINE):
            return False
        frame = frame.f_back
    return False


def _codes_of_signal_handlers() -> set[CodeType]:
    handlers = map(signal.getsignal, signal.valid_signals())
    functions = (one.__func__ if isinstance(one, MethodType) else one for one in handlers)
    return {one.__code__ for one in functions if isinstance(one, FunctionType)}
