"""OpenTelemetry: the ids of the current span on every line, and a sink that exports by OTLP."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import AsynclogError, SinkError
from ..formatters.exceptions import render_exception
from ..formatters.jsonable import jsonable
from ..formatters.sources import otel_severity, otel_severity_name
from ..messages import text_of
from ..scope import surroundings
from ..sinks.threaded import ThreadedSink
from ..weight import weight_of

try:
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import (
        INVALID_SPAN,
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        get_current_span,
        set_span_in_context,
    )
except ImportError:
    raise ImportError(
        "asynclog.integrations.otel needs opentelemetry: install asynclog-toolkit[otel]"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from opentelemetry.context import Context

    from ..records import Batch, Record

TRACE_KEYS = ("trace_id", "span_id", "trace_flags")
"""The attributes that tell of a span, in hexadecimal digits, as OpenTelemetry names them."""
MAX_INTEGER = 1 << 63
"""Integers from here on, in either direction, are exported as text: OTLP has 64 bits for them."""
MAX_WEIGHT = 1 << 20
"""Characters that go into one request: with four bytes each, what a server of gRPC takes."""
MAX_REQUEST = 64 << 20
"""Bytes of one request that OTLP allows; exporters drop one with more, and say that it failed."""
PERMANENT = frozenset(range(400, 500)) - {408, 429}
"""Answers over HTTP that would not be others if the same lines were sent again."""
REDIRECTED = frozenset(range(300, 400))
"""Answers that exporters take for success, although nobody has the lines."""
_SCOPE = InstrumentationScope("asynclog")
_NO_SPAN = set_span_in_context(INVALID_SPAN)


def trace_context() -> dict[str, Any] | None:
    """Return the ids of the current span, as attributes of a line; None where there is none."""
    span = get_current_span().get_span_context()
    if not span.is_valid:
        return None
    flags = format(span.trace_flags, "02x")
    values = (format(span.trace_id, "032x"), format(span.span_id, "016x"), flags)
    return dict(zip(TRACE_KEYS, values, strict=True))


def install() -> None:
    """Have every line of every logger carry `trace_context()`, as it is at the call."""
    uninstall()
    surroundings.add(trace_context)


def uninstall() -> None:
    """Undo `install`."""
    surroundings.remove(trace_context)


class LinesRefused(AsynclogError):  # noqa: N818 - what has happened
    """The collector would not get, or not take, these lines another time either."""


class OTLPSink(ThreadedSink["Batch"]):
    """Exports lines to a collector of OpenTelemetry, a batch at a time, in a thread of its own.

    asynclog does the batching: lines that cannot be exported now are kept and tried again, within
    the capacity of the logger; those that the collector refuses are given up, and counted.

    Args:
        exporter: takes the lines; None is the official one of OTLP over HTTP, which also reads the
            environment: `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS` and so on.
        endpoint: of that exporter: a URL such as `http://collector:4318/v1/logs`.
        resource: attributes of the program, beside those of `OTEL_RESOURCE_ATTRIBUTES` and
            `OTEL_SERVICE_NAME`.

    Raises:
        ValueError: both *exporter* and *endpoint* are given.
        ImportError: the exporter is not installed; the message names the extra.
    """

    def __init__(
        self,
        exporter: LogRecordExporter | None = None,
        *,
        endpoint: str | None = None,
        resource: Mapping[str, Any] | None = None,
    ) -> None:
        if exporter is not None and endpoint is not None:
            raise ValueError("endpoint: expected None beside an exporter, which has its own")
        attributes = Resource.create(dict(resource or {}))
        target = OTLPTarget(exporter, endpoint, attributes)
        self._name = endpoint or ("OTLP" if exporter is None else type(exporter).__name__)
        super().__init__(target, f"asynclog {self._name}")

    def __repr__(self) -> str:
        return f"OTLPSink({self._name!r})"


class OTLPTarget:
    """The blocking half of `OTLPSink`."""

    def __init__(
        self, exporter: LogRecordExporter | None, endpoint: str | None, resource: Resource
    ) -> None:
        self._make = self._over_http(endpoint) if exporter is None else lambda: exporter
        self._resource = resource
        self._status: int | None = None  # of the last answer, where it is known
        self._rejected = 0  # lines that it refused, while it took the others
        self._exporter: LogRecordExporter | None = None  # from the first write on

    def _over_http(self, endpoint: str | None) -> Callable[[], LogRecordExporter]:
        """Return what makes the official exporter; its answers are looked at on the way."""
        try:
            from opentelemetry.exporter.otlp.proto.http._log_exporter import (  # noqa: PLC0415
                OTLPLogExporter,
            )
            from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (  # noqa: PLC0415
                ExportLogsServiceResponse,
            )
            from requests import Session  # noqa: PLC0415 - comes with it, and takes long to load
        except ImportError:
            raise ImportError(
                "OTLPSink needs opentelemetry-exporter-otlp-proto-http:"
                " install asynclog-toolkit[otel]"
            ) from None

        def look_at(response: Any, *_args: Any, **_options: Any) -> None:
            self._status = response.status_code
            with suppress(Exception):  # the answer of something that is no collector
                answer = ExportLogsServiceResponse.FromString(response.content)
                self._rejected = answer.partial_success.rejected_log_records

        def make() -> LogRecordExporter:
            session = Session()
            session.hooks["response"].append(look_at)
            return OTLPLogExporter(endpoint, session=session)

        return make

    def encode(self, batch: Batch) -> Batch:
        """Return *batch*: what there is to do is done in the thread."""
        return batch

    def write(self, payload: Batch) -> None:
        """Export all lines of *payload*.

        Raises:
            LinesRefused: the collector does not want them, or OTLP cannot carry them.
            SinkError: it could not be reached, or could not take them all now.
        """
        done = 0
        for records in _portions(payload.records):
            try:
                self._export(records)
            except SinkError as error:
                raise SinkError(str(error), written=done + error.written, lost=error.lost) from None
            except LinesRefused as error:
                if len(records) == len(payload.records):
                    raise
                raise SinkError(str(error), written=done, lost=len(records)) from None
            done += len(records)

    def _export(self, records: list[Record]) -> None:
        """Export *records* in one request; see `write`."""
        exporter = self._exporter = self._exporter or self._make()
        self._status, self._rejected = None, 0
        lines = [log_record(record, self._resource) for record in records]
        succeeded = exporter.export(lines) is LogRecordExportResult.SUCCESS
        if self._status in PERMANENT:
            raise LinesRefused(f"the collector answered {self._status}")
        if self._status in REDIRECTED:
            raise SinkError(f"the collector answered {self._status}: it is at another address")
        if not succeeded:
            if len(lines) == 1 and (size := _size_of(lines)) > MAX_REQUEST:
                raise LinesRefused(
                    f"a line of {size} bytes: OTLP allows {MAX_REQUEST} in a request"
                )
            raise SinkError("the lines could not be exported")
        if self._rejected > 0:  # it does not say which
            lost = min(self._rejected, len(records))
            reason = f"the collector refused {lost} of {len(records)} lines"
            raise SinkError(reason, written=len(records) - lost, lost=lost)

    def flush(self, *, durable: bool) -> None:
        """Have an exporter that keeps lines send them.

        Raises:
            OSError: it could not.
        """
        if self._exporter is not None and not self._exporter.force_flush():
            raise OSError("the exporter could not flush")

    def close(self) -> None:
        """Let go of the exporter; may be called twice."""
        exporter, self._exporter = self._exporter, None
        if exporter is not None:
            exporter.shutdown()  # type: ignore[no-untyped-call]

    def interrupt(self, after: float) -> None:
        """Have an export under way give up, if that is to be at once."""
        if after == 0:
            self.close()

    def inherit(self) -> None:
        """Leave the exporter's connection to the parent, and make another one."""
        self._exporter = None


def _portions(records: list[Record]) -> Iterator[list[Record]]:
    """Divide *records* into what goes into one request each."""
    portion: list[Record] = []
    weight = 0
    for record in records:
        weight += weight_of(record)
        if portion and weight > MAX_WEIGHT:
            yield portion
            portion, weight = [], weight_of(record)
        portion.append(record)
    yield portion


def _size_of(lines: list[ReadableLogRecord]) -> int:
    """Return the bytes of a request with *lines*; 0 where nothing is installed that makes one."""
    try:
        from opentelemetry.exporter.otlp.proto.common._log_encoder import (  # noqa: PLC0415
            encode_logs,
        )
    except ImportError:
        return 0
    size: int = encode_logs(lines).ByteSize()
    return size


def log_record(record: Record, resource: Resource) -> ReadableLogRecord:
    """Return *record* as OpenTelemetry has it; never raises.

    Attributes that tell of a span go into the fields that there are for them.
    """
    attributes = dict(record.attributes or {})
    return ReadableLogRecord(
        LogRecord(
            timestamp=record.time_ns,
            context=_span_of(attributes),
            severity_text=otel_severity_name(record.level),
            severity_number=SeverityNumber(otel_severity(record.level)),
            body=_text(record.message),
            attributes={
                **{_text(name): _value(value) for name, value in attributes.items()},
                **{name: _value(value) for name, value in _own_attributes(record).items()},
            },
        ),
        resource,
        _SCOPE,
    )


def _span_of(attributes: dict[str, Any]) -> Context:
    """Return the context of the span that *attributes* tell of, and remove them."""
    try:
        trace_id, span_id, flags = (int(attributes[key], 16) for key in TRACE_KEYS)
    except (KeyError, TypeError, ValueError):
        return _NO_SPAN
    span = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(flags & 0xFF))
    if not span.is_valid:
        return _NO_SPAN
    for key in TRACE_KEYS:
        del attributes[key]
    return set_span_in_context(NonRecordingSpan(span))


def _own_attributes(record: Record) -> dict[str, Any]:
    """Return what a record has beside its attributes, by the names of the semantic conventions."""
    found: dict[str, Any] = {"asynclog.label": record.label}
    if (origin := record.origin) is not None:
        found |= {"thread.id": origin.native_id, "thread.name": origin.thread_name}
    if (caller := record.caller) is not None:
        found |= {"code.file.path": caller.file, "code.line.number": caller.line}
        found["code.function.name"] = caller.function
    if (exception := record.exception) is not None:
        found |= {"exception.type": exception.type, "exception.message": exception.message}
        found["exception.stacktrace"] = render_exception(exception)
    return found


def _value(value: object) -> Any:
    """Return *value* as protobuf can hold it."""
    return value if type(value) is float else _plain(jsonable(value))


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return value
    if kind is int and -MAX_INTEGER <= value < MAX_INTEGER:
        return value
    if kind is list:
        return [_plain(item) for item in value]
    if kind is dict:
        return {_text(key): _plain(item) for key, item in value.items()}
    return _text(value if kind is str else text_of(msgspec.to_builtins(value)))


def _text(text: str) -> str:
    """Return *text* without what UTF-8 cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()
