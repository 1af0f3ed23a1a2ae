"""Virtual time: an event loop whose clock jumps to the next timer when nothing else can happen.

Only time is simulated.  Callbacks run in asyncio's own order, which is documented and which
programs rely on.  A test that would wait for ever fails at once instead, and says who waits.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import AsynclogError

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

START_SECONDS = 1_000_000.0
"""What the virtual clock shows when it starts."""
THREAD_SECONDS = 0.02
"""Real seconds to wait for a thread at a time, while one is known to be at work."""


class Deadlock(AsynclogError):  # noqa: N818 - what has happened
    """Nothing can happen any more, and somebody still waits."""


class _Selector(selectors.DefaultSelector):
    """Finds what is ready now, and moves the clock instead of waiting."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; never wait for the time to pass."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.loop.threads_at_work:
            return super().select(THREAD_SECONDS)
        if timeout is None:
            raise Deadlock(self.loop.describe())
        self.loop.advance(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time.

    It is a `Clock` too: the same virtual time, as nanoseconds since the Unix epoch.
    """

    def __init__(self) -> None:
        self.threads_at_work = 0
        """Set above 0 while a thread may call back: then the loop waits for it, in real time."""
        self._now = START_SECONDS
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        self._clock_resolution = 1e-9  # a timer fires at its moment, not a tick early

    def time(self) -> float:
        """Return the virtual time, in seconds."""
        return self._now

    def time_ns(self) -> int:
        """Return the virtual time, in nanoseconds."""
        return round(self._now * 1_000_000_000)

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._now += seconds

    def describe(self) -> str:
        """Return a line for each task that waits, with where it does."""
        tasks = sorted(asyncio.all_tasks(self), key=lambda task: task.get_name())
        waiting = [f"{t.get_name()}: {' > '.join(_stack_of(t.get_coro()))}" for t in tasks]
        return "\n  ".join(["nothing can happen any more; waiting:", *waiting])


def _stack_of(coroutine: Any) -> list[str]:
    stack = []
    while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
        stack.append(f"{coroutine.cr_code.co_qualname}:{coroutine.cr_frame.f_lineno}")
        coroutine = coroutine.cr_await
    return stack


def run(main: Coroutine[Any, Any, T], *, debug: bool = False) -> T:
    """Run *main* on a `VirtualLoop`, and return what it returns.

    Args:
        main: the coroutine.
        debug: whether asyncio's debug mode is on.

    Raises:
        Deadlock: *main* waits for something that cannot happen.
    """
    with asyncio.Runner(loop_factory=VirtualLoop, debug=debug) as runner:
        return runner.run(main)
