"""The seams of the pipeline, each a small Protocol with its promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from .records import Batch, Record


@runtime_checkable
class LogSender(Protocol):
    """Takes the lines of one label."""

    def log(
        self, level: int, message: object, /, *args: object, **attributes: Any
    ) -> Awaitable[None]:
        """Accept one line; await the result to respect back-pressure.

        Args:
            level: a `Level`, or any other int.
            message: the text, a callable that returns it (called only if the line is kept), or,
                where *args* are given, a `str.format` template for them.
            *args: fill the template's placeholders.
            **attributes: kept beside the text, with their types.

        Raises:
            LoggerClosed: the logger takes no lines any more.
        """
        ...

    def flush(self, *, durable: bool = False) -> Awaitable[None]:
        """Return when every line sent to this label before is in every sink.

        Lines that a policy dropped, or a filter refused, are counted, and not spoken of here.

        Args:
            durable: also make files survive a loss of power (`fsync`).

        Raises:
            FlushError: a sink does not hold them all.
        """
        ...


Filter: TypeAlias = "Callable[[Record], bool]"
"""Tells whether a record is kept.  Called on the event loop: it must not block."""


@runtime_checkable
class AnnouncingFilter(Protocol):
    """A filter that holds lines back on its own account, and tells in the stream how many.

    Whoever calls the filter also asks for its notices: after each batch, about once a second
    while the filter is `holding` something, and a last time before it lets go of the filter.
    Notices go on to formatter and sinks without being filtered again.
    """

    @property
    def holding(self) -> bool:
        """Whether there is something to be told, now or later."""
        ...

    def __call__(self, record: Record, /) -> bool:
        """Tell whether *record* is kept, as any filter does."""
        ...

    def notices(self, now_ns: int, /, *, closing: bool = False) -> list[Record]:
        """Return what is to be told by now, most often nothing; a count is told once.

        Args:
            now_ns: the time, nanoseconds since the epoch; notices carry it.
            closing: this is the last call: tell everything that is held.
        """
        ...


@runtime_checkable
class Formatter(Protocol):
    """Makes text of records.

    A formatter never raises because of what a record holds, and never waits.  It may have an
    attribute `needs_caller = True`; then records carry the caller's file, line and function.
    """

    def format(self, record: Record, /) -> str:
        """Return the text of one record, without a line break at its end."""
        ...

    def format_batch(self, records: Sequence[Record], /) -> list[str]:
        """Return the texts of *records*, in their order: the same as `format` of each."""
        ...


@runtime_checkable
class Sink(Protocol):
    """Takes formatted lines somewhere.

    One task at a time calls a sink, and after `open` has returned.  A write that failed may be
    tried again with the same lines: `SinkError` and `OSError` say that this can help, any other
    exception that it cannot, and its lines count as dropped.
    """

    async def open(self) -> None:
        """Get ready to write.  Called once, on the loop that writes; must not wait for a peer."""
        ...

    async def write(self, batch: Batch, /) -> None:
        """Write all lines of *batch*, in order.

        Raises:
            SinkError: the lines from `written` on were not written.
            OSError: none was.
        """
        ...

    async def flush(self, *, durable: bool = False) -> None:
        """Bring all that was written to the kernel or the peer; with *durable*, to the disk."""
        ...

    async def aclose(self) -> None:
        """Let go of all resources.  May be called twice, and without `open`."""
        ...


@runtime_checkable
class PreparingSink(Protocol):
    """A sink that has something to do before its first line comes, such as to heed a signal."""

    def prepare(self) -> None:
        """Begin; called when the logger opens, or is given the sink, on the loop that will write.

        Neither opens nor waits for anything: there may never be a line.
        """
        ...


@runtime_checkable
class InterruptibleSink(Protocol):
    """A sink that can end a write under way without leaving its outcome open."""

    def interrupt(self) -> None:
        """Have a write under way, and any later one that must wait, end soon, as `SinkError`.

        Called when the logger closes and its time is over.
        """
        ...


@runtime_checkable
class LastGaspSink(Protocol):
    """A sink that can still write when no event loop runs: at the interpreter's exit."""

    def write_now(self, batch: Batch, /) -> None:
        """Write and flush *batch* in the calling thread; raises as `Sink.write` does."""
        ...


@runtime_checkable
class InheritableSink(Protocol):
    """A sink that can be used in a forked child of the process that used it before."""

    def inherit(self) -> None:
        """Let go of what is the parent's: connections, open files, a write under way.

        Called in the child, before it does anything else, and while no other thread runs; what is
        let go of must not change for the parent.  The next write begins anew.
        """
        ...
