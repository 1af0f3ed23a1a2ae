"""A sink that follows a script, and remembers what it promised."""

from __future__ import annotations

from asynclog.errors import SinkError
from asynclog.testing import Delay, LateAnswer, ScriptedSink

from .book import OWN_LABEL


class Witness(ScriptedSink):
    """Knows which lines it has, which of them it confirmed, and when it was last in trouble.

    Args:
        name: how `FlushError` names it.
        moments: numbers what happens.
        now: tells the virtual time.
    """

    def __init__(self, name, moments, now):
        super().__init__()
        self.name = name
        self._moments = moments
        self._now = now
        self._step = Delay(0)
        self.given = {}
        """Text of each line that a write began with, and the moment of the first such write."""
        self.confirmed = set()
        """Texts of the lines that it said it had written."""
        self.notices = {}
        """The same of the logger's own lines: text by identity of the record."""
        self.refused = set()
        """Texts of the lines that it said it would never write."""
        self.refused_notices = 0
        """How many of the logger's own lines were among them."""
        self.told = frozenset()
        """Those of them that a `FlushError` has told somebody of."""
        self.trouble_until = float("-inf")
        """Virtual time at which the last planned step ended."""
        self.faults = []
        """Promises of the pipeline to its sinks that were broken."""

    def __repr__(self):
        return f"Witness({self.name!r})"

    @property
    def calm(self):
        """Whether nothing goes wrong now, and nothing is planned to."""
        return not self.plan and not self.writing

    @property
    def delay(self):
        """Virtual seconds that it needs at most for all that is planned; infinite if it fails."""
        steps = [self._step, *self.plan] if self.writing else self.plan
        slow = all(isinstance(step, Delay | LateAnswer) for step in steps)
        return sum(step.seconds for step in steps) if slow else float("inf")

    def release(self):
        """Have a write that hangs now go on; the next may hang again."""
        super().release()
        self._released.clear()

    async def write(self, batch, /):
        """Follow the plan, and remember how it ended."""
        if self.writing or self.closed:
            self.faults.append(f"a write {'during another' if self.writing else 'after close'}")
        texts = [record.message for record in batch.records]
        moment = next(self._moments)
        self.given = dict.fromkeys(texts, moment) | self.given
        planned = bool(self.plan)
        self._step = self.plan[0] if planned else Delay(0)
        try:
            await super().write(batch)
        except SinkError as error:
            self._confirm(batch.records[: error.written])
            raise
        except OSError:
            raise
        except Exception:
            self.refused.update(texts)
            self.refused_notices += sum(record.label == OWN_LABEL for record in batch.records)
            raise
        else:
            self._confirm(batch.records)
        finally:
            if planned:
                self.trouble_until = self._now()

    def _confirm(self, records):
        for record in records:
            if record.label == OWN_LABEL:
                self.notices[id(record)] = record.message
            else:
                self.confirmed.add(record.message)
