"""The one place through which the vectors of the original systems run against asynclog.

It translates a vector's encoding into calls of the public API and back; it decides nothing.
"""

from __future__ import annotations

import asyncio
import calendar
import io
import json as _json
import os
import re
import time as clock
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from asynclog import BufferedLogger, Handler, Level, LoggerClosed, scope, units
from asynclog.central import CentralSink, Gatherer
from asynclog.central import fingerprint as fingerprint_of
from asynclog.central.stores import open_store
from asynclog.config import load_config
from asynclog.formatters import presets, sizes
from asynclog.formatters.json import JSONFormatter
from asynclog.formatters.options import expect_known
from asynclog.formatters.pattern import PatternFormatter
from asynclog.formatters.timestamps import DateFormat
from asynclog.formatters.tskv import TSKVFormatter
from asynclog.levels import parse_level
from asynclog.records import Batch, Caller, Origin, Record
from asynclog.sinks import MemorySink, RollingFileSink, flushing, naming
from asynclog.stacked import StackedAttributes
from asynclog.testing import ManualClock, run
from asynclog.testing.virtual import START_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asynclog.protocols import Sink


class _Displayed:
    """A value of a type of its own, which knows only how to print itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


_DECODERS = {
    "$double": float,
    "$uint": int,
    "$special": float,
    "$display": _Displayed,
}


def _value(encoded: Any) -> Any:
    """Return the value that the vectors' encoding means."""
    if not isinstance(encoded, dict):
        return encoded
    ((kind, inner),) = encoded.items()
    return _DECODERS[kind](inner)


def _pairs(encoded: list[list[Any]]) -> list[tuple[str, Any]]:
    """Return the attributes of one source."""
    return [(name, _value(value)) for name, value in encoded]


def _record(encoded: dict[str, Any]) -> Record:
    """Return the record that the vectors' encoding means."""
    process, thread = encoded["process"], encoded["thread"]
    packs = encoded.get("packs") or [encoded.get("attributes", [])]
    sources = [_pairs(pack) for pack in packs]
    attributes = StackedAttributes(*sources)
    has_hidden = len(attributes) < sum(map(len, sources))
    return Record(
        time_ns=encoded["timestamp_us"] * 1000,
        level=encoded["severity"],
        label="",
        message=encoded["message"],
        attributes=attributes if has_hidden else dict(attributes) or None,
        origin=Origin(
            process_id=process["pid"],
            process_name=process["name"],
            thread_id=thread["id"],
            native_id=thread["lwp"],
            thread_name=thread.get("name") or "",
            task_name=None,
        ),
    )


def parse_size(text: str) -> int:
    """Return the bytes that *text* stands for."""
    return units.parse_size(text)


def flush_policy(policy: str, threshold: int, writes: list[int]) -> list[str]:
    """Return "flush" or "idle" for each of *writes*, given in bytes with the line break."""
    setting = f"{threshold}B" if policy == "bytes" else threshold
    counting = flushing.parse_flush(setting)
    return ["flush" if counting.update(size) else "idle" for size in writes]


def log_file_name(basename: str, time: float | str, host: str, pid: int) -> str:
    """Return the name of an archive begun at *time*, seconds since the epoch or ISO text."""
    return naming.log_file_name(basename, int(_seconds(time) * 1_000_000_000), host, pid)


def _seconds(moment: float | str) -> float:
    """Return *moment* in seconds since the epoch; ISO text is in UTC unless it names a zone."""
    if not isinstance(moment, str):
        return moment
    read = datetime.fromisoformat(moment)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def roll(vector: dict[str, Any]) -> list[int]:
    """Return the bytes in each file, oldest first, after the appends of *vector*."""
    moments = [(second, vector["bytes_each"]) for second in vector.get("appends_after_s", ())]
    start_ns = int(_seconds(vector.get("start", 0))) * 1_000_000_000
    watch = ManualClock(start_ns)
    with TemporaryDirectory() as directory:
        path = Path(directory, "log")
        sink = RollingFileSink(
            path, size=vector.get("roll_size"), every="day", names="number", clock=watch
        )
        for second, size in vector.get("appends", moments):
            watch.now_ns = start_ns + second * 1_000_000_000
            line = "x" * (size - 1)
            sink.write_now(Batch([Record(watch.now_ns, Level.INFO, "", line)], [line]))
        asyncio.run(sink.aclose())
        archives = sorted(path.parent.glob("log.*"), key=lambda one: int(one.suffix[1:]))
        return [one.stat().st_size for one in (*archives, path) if one.exists()]


def json(config: dict[str, Any], record: dict[str, Any]) -> str:
    """Return the document that Blackhole's JSON formatter, set up by *config*, makes of *record*."""
    options = {name: value for name, value in config.items() if name != "type"}
    return JSONFormatter.blackhole(**options).format(_record(record))


class _TimedSink(MemorySink):
    """Keeps the moment of each write beside its lines, in milliseconds of the virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.emitted: list[list[Any]] = []

    async def write(self, batch: Batch, /) -> None:
        elapsed = round((asyncio.get_running_loop().time() - START_SECONDS) * 1000)
        self.emitted += [
            [elapsed, "WARN" if record.level == Level.WARNING else Level(record.level).name, line]
            for record, line in zip(batch.records, batch.lines, strict=True)
        ]


def buffered(max_lines: int, max_ms: int, script: list[list[Any]]) -> list[list[Any]]:
    """Run timed operations on virtual time; return when which line came out.

    Args:
        max_lines: of the logger.
        max_ms: its `max_age`, in milliseconds.
        script: `[ms, "log", label, level, text]`, `[ms, "flush", label]`, `[ms, "close", ""]`,
            `[ms, "drop", ""]`, in order of time.

    Returns:
        `[ms, level, text]` for each line, in order, until 5 s after the script.
    """
    sink = _TimedSink()
    run(_follow(script, max_lines, max_ms, sink))
    return sink.emitted


async def _follow(script: list[list[Any]], max_lines: int, max_ms: int, sink: Sink) -> None:
    handler = Handler(sink, formatter=PatternFormatter(presets.PROXMOX))
    logger = await BufferedLogger(max_lines, max_ms / 1000, handlers=handler).open()
    loop = asyncio.get_running_loop()
    for ms, operation, label, *rest in script:
        await asyncio.sleep(START_SECONDS + ms / 1000 - loop.time())
        with suppress(LoggerClosed):
            await _operate(logger, operation, label, *rest)
    await asyncio.sleep(5)
    await logger.aclose()


async def _operate(
    logger: BufferedLogger, operation: str, label: str, level: str = "", text: str = ""
) -> None:
    if operation == "log":
        await logger.sender_with_label(label).log(Level[level], text)
    elif operation == "flush":
        await logger.sender_with_label(label).flush()
    else:  # "close", or "drop": here nobody but the logger itself decides when it ends
        await logger.aclose()


def tskv(config: dict[str, Any], record: dict[str, Any]) -> str:
    """Return the line that Blackhole's TSKV formatter, set up by *config*, makes of *record*."""
    options = {name: value for name, value in config.items() if name != "type"}
    expect_known("tskv", options, ("create", "rename", "remove", "mutate"))
    return TSKVFormatter(**options).format(_record(record))


def pattern(pattern: str, record: dict[str, Any], sevmap: list[str] | None = None) -> str:
    """Return the line of *record* by *pattern*; without *sevmap* severities have no names."""
    formatter = PatternFormatter(pattern, severity={} if sevmap is None else sevmap)
    return formatter.format(_record(record))


def strftime(pattern: str, tm: dict[str, int], usec: int) -> str:
    """Return a date by *pattern*.

    Args:
        pattern: the date format.
        tm: fields of C's `struct tm` by name, 0 where absent; a zone whose summer time is neither
            on nor off is not known, and called `?`.
        usec: microseconds.
    """
    day = (1900 + tm.get("year", 0), 1 + tm.get("mon", 0), tm.get("mday", 0))
    hour = (tm.get("hour", 0), tm.get("min", 0), tm.get("sec", 0))
    dst = tm.get("isdst", 0)
    rest = (
        (tm.get("wday", 0) - 1) % 7,
        1 + tm.get("yday", 0),
        dst,
        "UTC" if dst in (0, 1) else "?",
    )
    date = clock.struct_time((*day, *hour, *rest, 0))
    return DateFormat(pattern).text(date, calendar.timegm(date), usec * 1000)


_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])([0-9]{1,2}):?([0-9]{2})?")


def _zone_name(tz: str | int) -> str:
    """Return *tz* as the C library takes it: a name, `+08:00`, or seconds east of Greenwich."""
    offset = _OFFSET.fullmatch(tz) if isinstance(tz, str) else None
    if isinstance(tz, str) and offset is None:
        return tz
    if offset:
        tz = int(f"{offset[1]}1") * (int(offset[2]) * 3600 + int(offset[3] or 0) * 60)
    sign = "-" if int(tz) > 0 else "+"  # POSIX counts westward
    return f"<local>{sign}{abs(int(tz)) // 3600}:{abs(int(tz)) % 3600 // 60:02}"


@contextmanager
def _zone(tz: str | int | None) -> Iterator[None]:
    """Make *tz* the local zone; None changes nothing."""
    before = os.environ.get("TZ")
    with ExitStack() as undoing:
        if tz is not None:
            os.environ["TZ"] = _zone_name(tz)
            undoing.callback(clock.tzset)
            undoing.callback(_restore_zone, before)
        clock.tzset()
        yield


def _restore_zone(before: str | None) -> None:
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before


def muduo_line(vector: dict[str, Any]) -> str:
    """Return the line of the preset MUDUO, with its line break; of MUDUO_LOCAL if it has a zone."""
    record = Record(
        time_ns=vector["time_us"] * 1000,
        level=parse_level(vector["level"]),
        label="",
        message=vector["message"],
        attributes={"errno": vector["errno"]} if "errno" in vector else None,
        origin=Origin(
            process_id=1,
            process_name="",
            thread_id=vector["tid"],
            native_id=vector["tid"],
            thread_name="",
            task_name=None,
        ),
        caller=Caller(file=vector["file"], line=vector["line"], function=vector.get("func", "")),
    )
    zone = vector.get("tz")
    with _zone(zone):
        preset = presets.MUDUO if zone is None else presets.MUDUO_LOCAL
        return f"{PatternFormatter(preset).format(record)}\n"


def format_si(n: int) -> str:
    """Return *n* in powers of 1000."""
    return sizes.format_si(n)


def format_iec(n: int) -> str:
    """Return *n* in powers of 1024."""
    return sizes.format_iec(n)


def run_config(
    config: dict[str, Any] | str, logger: str = "root", calls: list[Any] | None = None
) -> str:
    """Return what goes to standard output, which is no terminal.

    Args:
        config: the configuration, or the text of one in JSON; `{tmp}` in it is a directory.
        logger: which of its loggers.
        calls: `[severity, message]` or `[severity, message, {"packs": ...}]`, one after the other.

    Raises:
        ConfigError: the configuration is refused.
    """
    text = config if isinstance(config, str) else _json.dumps(config)
    with TemporaryDirectory() as directory, redirect_stdout(io.StringIO()) as stdout:
        path = Path(directory, "config.json")
        path.write_text(text.replace("{tmp}", directory), encoding="utf-8")
        opened = load_config(path, logger=logger)
        asyncio.run(_log_calls(opened, calls or []))
        # Its loop has ended, so this writes in the calling thread, one handler after the other as
        # Blackhole does; on the loop, which of two handlers writes first is left open.
        asyncio.run(opened.aclose())
    return stdout.getvalue()


async def _log_calls(logger: BufferedLogger, calls: list[Any]) -> None:
    sender = (await logger.open()).sender_with_label("")
    for severity, message, *rest in calls:
        packs = rest[0].get("packs", []) if rest else []
        own, *around = [dict(StackedAttributes(_pairs(pack))) for pack in packs] or [{}]
        with ExitStack() as scopes:
            for pack in reversed(around):
                scopes.enter_context(scope(**pack))
            await sender.log(severity, message, **own)


def fingerprint(record: dict[str, Any]) -> str:
    """Return the group of *record*."""
    return fingerprint_of(_record(record))


def central_roundtrip(
    url: str, store_url: str, events: list[dict[str, Any]]
) -> list[tuple[int, str, int]]:
    """Return second, fingerprint and repeats of each row, in order, after all has been gathered.

    Args:
        url: of the server that counts.
        store_url: of an empty database.
        events: records, as the vectors have them.
    """
    records = [_record(event) for event in events]
    return asyncio.run(_roundtrip(url, store_url, records))


async def _roundtrip(url: str, store_url: str, records: list[Record]) -> list[tuple[int, str, int]]:
    sink = CentralSink(url)
    await sink.open()
    await sink.write(Batch(records, [record.message for record in records]))
    await sink.aclose()
    async with Gatherer(url, store_url, horizon=0, grace=0) as gatherer:
        await gatherer.run(once=True)
    query = "select second, gkey, sum(repeats) from events group by second, gkey order by 1, 2"
    store = open_store(store_url)
    async with store.reading() as session:
        rows = await session.all(query)
    await store.aclose()
    return [(second, group, int(repeats)) for second, group, repeats in rows]
