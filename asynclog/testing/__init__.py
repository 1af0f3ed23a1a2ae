"""For tests of programs that log, and of people's own sinks."""

from ..sinks.memory import MemorySink
from .clock import ManualClock
from .sinks import Delay, Fail, Hang, LateAnswer, ScriptedSink, check_sink
from .virtual import Deadlock, VirtualLoop, run

__all__ = [
    "Deadlock",
    "Delay",
    "Fail",
    "Hang",
    "LateAnswer",
    "ManualClock",
    "MemorySink",
    "ScriptedSink",
    "VirtualLoop",
    "check_sink",
    "run",
]
