"""One event as it travels: plain data, encoded with MessagePack, validated when it is read.

A payload is an array that begins with the time, so that events can be put in order without being
decoded.  Elements may be added at its end; who does not know them passes over them.  What stands
beside it anyway, its group and how often it came, is not in it, nor is an empty end: a server holds
many of them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..errors import EventError
from ..formatters.exceptions import render_exception, source_line
from ..formatters.jsonable import encodable, is_tidy, jsonable
from ..tracebacks import ExceptionInfo, Frame

if TYPE_CHECKING:
    from ..records import Record

FINGERPRINT: Final = "fingerprint"
"""The attribute by which a call says itself to which group its line belongs."""
MAX_PAYLOAD = 1 << 20
"""Bytes of an encoded event; a larger one is not decoded."""
MAX_TEXT = 32_768
"""Characters kept of a message and of its template."""
MAX_ATTRIBUTES = 65_536
"""Bytes of all attributes of one event together; of more, only the names are kept."""
MAX_NAMES = 64
"""Names kept where the attributes themselves are too large."""
_LEAST, _MOST = -(2**63), 2**63 - 1
_RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class Event(msgspec.Struct, frozen=True, gc=False):
    """One line, with how often it came in its second."""

    time_ns: int
    """Nanoseconds since the Unix epoch, UTC, of the first repetition in its second."""
    repeats: int
    message: str
    template: str | None
    """The text before the arguments were filled in; None where there were none."""
    level: int
    label: str
    logger: str
    """Which of the application's loggers; may be empty."""
    attributes: dict[str, Any] | None
    exception: ExceptionInfo | None
    """With the lines of source in it: whoever prints it may have none, or other ones."""
    fingerprint: str
    """What all events of one group have in common."""

    @property
    def second(self) -> int:
        """Seconds since the Unix epoch in which the event came."""
        return self.time_ns // 1_000_000_000

    def to_log_record(self) -> logging.LogRecord:
        """Return a record of `logging` that prints the same text and traceback.

        Attributes are found on the record, as `extra` puts them there; one that has the name of
        something that a record has anyway gets an underscore.
        """
        name = self.logger or self.label
        record = logging.LogRecord(name, self.level, "", 0, self.message, None, None)
        record.created = self.time_ns / 1_000_000_000
        record.msecs = self.time_ns // 1_000_000 % 1000
        record.exc_text = render_exception(self.exception) if self.exception else None
        for key, value in (self.attributes or {}).items():
            setattr(record, f"{key}_" if key in _RESERVED else key, value)
        return record


class _Head(msgspec.Struct, array_like=True, gc=False):
    """The beginning of a payload."""

    time_ns: int


class _Payload(_Head, gc=False):
    """A payload; what is seldom there comes last."""

    level: int
    message: str
    label: str = ""
    template: str | None = None
    logger: str = ""
    attributes: dict[str, Any] | None = None
    exception: ExceptionInfo | None = None


_NEEDED: Final = 3
"""Elements that are always there."""
_NOTHING: Final = (None, "", None, None)
"""What stands behind the label where there is nothing."""
_ENCODER = msgspec.msgpack.Encoder()
_PAYLOADS = msgspec.msgpack.Decoder(_Payload)
_HEADS = msgspec.msgpack.Decoder(_Head)


def from_record(record: Record, fingerprint: str, *, logger: str = "") -> Event:
    """Return *record* as an event that came once; never raises because of what it holds.

    Args:
        record: of which nothing is kept that can change.
        fingerprint: of the group that it belongs to.
        logger: which of the application's loggers it came from.
    """
    info = record.exception
    return Event(
        time_ns=record.time_ns,
        repeats=1,
        message=record.message[:MAX_TEXT],
        template=None if record.template is None else record.template[:MAX_TEXT],
        level=record.level,
        label=record.label,
        logger=logger,
        attributes=record.attributes and _attributes(record.attributes),
        exception=info and with_sources(info),
        fingerprint=fingerprint,
    )


def encode(event: Event) -> bytes:
    """Return *event* as bytes; what cannot be written is replaced by text that can."""
    try:
        payload = _ENCODER.encode(_elements(event))
    except Exception:  # noqa: BLE001 - a lone surrogate, a number of 100 digits, an object
        payload = _ENCODER.encode(_elements(_plain(event)))
    if len(payload) <= MAX_PAYLOAD:
        return payload
    return _ENCODER.encode(_elements(_plain(msgspec.structs.replace(event, exception=None))))


def _elements(event: Event) -> tuple[Any, ...]:
    """Return the elements of the payload of *event*, without those at the end that are empty."""
    head = (event.time_ns, event.level, event.message, event.label)
    rest = (event.template, event.logger, event.attributes, event.exception)
    if rest == _NOTHING:  # as most are
        return head if event.label else head[:_NEEDED]
    end = len(rest)
    while rest[end - 1] == _NOTHING[end - 1]:
        end -= 1
    return head + rest[:end]


def decode(payload: bytes, *, group: str = "", repeats: int = 1) -> Event:
    """Return the event that *payload* holds.

    Args:
        payload: as `encode` made it, or as anybody wrote it.
        group: the fingerprint of the group that it stands for.
        repeats: how often it came.

    Raises:
        EventError: it is no event.
    """
    if len(payload) > MAX_PAYLOAD:
        raise EventError(f"no event: {len(payload):,} bytes, allowed are {MAX_PAYLOAD:,}")
    try:
        read = _PAYLOADS.decode(payload)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise EventError(f"no event: {type(error).__name__}") from None
    if not (_fits(read.time_ns) and _fits(read.level)):
        raise EventError("no event: a number out of range")
    return Event(
        read.time_ns,
        repeats,
        read.message,
        read.template,
        read.level,
        read.label,
        read.logger,
        read.attributes,
        read.exception,
        group,
    )


def time_of(payload: bytes) -> int:
    """Return the nanoseconds since the epoch at the head of *payload*, without decoding the rest.

    Raises:
        EventError: it has no such head.
    """
    try:
        return _HEADS.decode(payload).time_ns
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise EventError(f"no event: {type(error).__name__}") from None


def with_sources(info: ExceptionInfo) -> ExceptionInfo:
    """Return *info* with the lines of source that its frames stand at."""
    return msgspec.structs.replace(
        info,
        frames=tuple(_with_source(frame) for frame in info.frames),
        cause=info.cause and with_sources(info.cause),
        context=info.context and with_sources(info.context),
        members=tuple(with_sources(one) for one in info.members),
    )


def _with_source(frame: Frame) -> Frame:
    return msgspec.structs.replace(frame, source=source_line(frame))


def _attributes(attributes: dict[str, Any]) -> dict[str, Any] | None:
    """Return *attributes* without the one that names the group, as values that can be written."""
    kept = {name: value for name, value in attributes.items() if name != FINGERPRINT}
    if not kept or is_tidy(kept):
        return kept or None
    plain: dict[str, Any] = jsonable(kept)
    return plain


def _plain(event: Event) -> Event:
    """Return *event* with nothing in it that the encoder refuses, and within its bounds."""
    return msgspec.structs.replace(
        event,
        time_ns=_bounded(event.time_ns),
        level=_bounded(event.level),
        message=encodable(event.message),
        template=event.template and encodable(event.template),
        label=encodable(event.label),
        attributes=event.attributes and _small(event.attributes),
        exception=event.exception and _encodable_exception(event.exception),
    )


def _small(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return *attributes* as the encoder takes them; only their names if they are too large."""
    plain: dict[str, Any] = _within(jsonable(attributes))
    if len(_ENCODER.encode(plain)) <= MAX_ATTRIBUTES:
        return plain
    return dict.fromkeys(list(plain)[:MAX_NAMES], "<too large>")


def _within(value: Any) -> Any:
    """Return *value*, which is plain, with numbers that have more than 64 bits as text."""
    if isinstance(value, dict):
        return {key: _within(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_within(one) for one in value]
    if isinstance(value, int) and not _fits(value):
        return str(value)
    return value


def _encodable_exception(info: ExceptionInfo) -> ExceptionInfo:
    return msgspec.structs.replace(
        info,
        type=encodable(info.type),
        message=encodable(info.message),
        frames=tuple(_encodable_frame(frame) for frame in info.frames),
        notes=tuple(map(encodable, info.notes)),
        cause=info.cause and _encodable_exception(info.cause),
        context=info.context and _encodable_exception(info.context),
        members=tuple(map(_encodable_exception, info.members)),
    )


def _encodable_frame(frame: Frame) -> Frame:
    return Frame(
        encodable(frame.file),
        frame.line,
        encodable(frame.function),
        encodable(frame.module),
        None if frame.source is None else encodable(frame.source),
    )


def _fits(number: int) -> bool:
    return _LEAST <= number <= _MOST


def _bounded(number: int) -> int:
    return max(_LEAST, min(_MOST, number))
