"""Cancellation at a chosen suspension point."""

from __future__ import annotations

import asyncio

from asynclog.testing import run


class Interruption:
    """Awaits something on behalf of a task, and cancels the task once meanwhile.

    Args:
        awaitable: what to await.
        point: at which suspension, counted from 1; 0 is never.
        late: cancel not while what is waited for is still to come, but after it came and before
            the task goes on: that is where most cancellation bugs live.
    """

    def __init__(self, awaitable, point, *, late=False):
        self._awaitable = awaitable
        self._point = point
        self._late = late
        self.suspensions = 0
        """How often the awaitable has suspended the task so far."""

    def __await__(self):
        inner = self._awaitable.__await__()
        resume, outcome = next, ()
        while True:
            try:
                future = resume(inner, *outcome)
            except StopIteration as end:
                return end.value
            self._note(future)
            try:
                yield future
            except BaseException as error:
                resume, outcome = _throw, (error,)
            else:
                resume, outcome = next, ()

    def _note(self, future):
        self.suspensions += 1
        if self.suspensions != self._point:
            return
        task = asyncio.current_task()
        if self._late and future is not None:
            future.add_done_callback(lambda _: task.cancel())
        else:
            task.cancel()


def _throw(generator, error):
    if hasattr(generator, "throw"):
        return generator.throw(error)
    raise error  # an iterator that only yields


def every_point(scenario):
    """Run *scenario* once for each of its suspension points, on virtual time.

    Args:
        scenario: takes the point, and returns a coroutine that returns the number of suspensions
            it went through.

    Returns:
        How many points there were.
    """
    point = 1
    while run(scenario(point)) >= point:
        point += 1
    return point - 1
