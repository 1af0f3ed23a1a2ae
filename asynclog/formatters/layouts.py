"""Which members a JSON document has for people and programs of different habits."""

from __future__ import annotations

from typing import Any

import msgspec


class Member(msgspec.Struct, frozen=True):
    """One member that every document has."""

    name: str
    """Its key; also the name by which the options `routing` and `mapping` know it."""
    source: str = ""
    """What it shows of the record: one of `sources.SOURCES`; not given for a constant."""
    pointer: str | None = None
    """The JSON pointer of the object that it lies in; if None, it lies where the rest does."""
    constant: Any = None
    """Its value, the same for all records, where it has no source."""


class Layout(msgspec.Struct, frozen=True):
    """The fixed part of a JSON document, and where a record's attributes go."""

    members: tuple[Member, ...]
    """In their order."""
    routing: dict[str, tuple[str, ...] | str] = {}
    """As the formatter's option of that name, which goes before it."""
    mapping: dict[str, str] = {}
    """As the formatter's option of that name, which goes before it."""
    is_protected: bool = True
    """Whether no name may stand twice: an attribute with the name of a member gets underscores."""
    unique: bool = True
    """Whether of several attributes with one name only the first is written."""


FLAT = Layout(
    members=(
        Member("timestamp", "time"),
        Member("level", "level_name"),
        Member("label", "label"),
        Member("message", "message"),
        Member("exception", "exception"),
    ),
)
"""One flat object, as Loki, Elasticsearch, Datadog and jq take it."""

BLACKHOLE = Layout(
    members=(
        Member("message", "message"),
        Member("lwp", "native_id"),
        Member("thread", "thread_hex"),
        Member("process", "process_id"),
        Member("severity", "level"),
        Member("timestamp", "time_us"),
        Member("label", "label_if_any"),
        Member("exception", "exception"),
    ),
    is_protected=False,
    unique=False,
)
"""What Blackhole writes, and after it the label and the exception, if there are any."""

OTEL = Layout(
    members=(
        Member("Timestamp", "time_ns", ""),
        Member("SeverityText", "otel_severity_name", ""),
        Member("SeverityNumber", "otel_severity", ""),
        Member("Body", "message", ""),
        Member("asynclog.label", "label", "/Attributes"),
        Member("thread.id", "native_id", "/Attributes"),
        Member("thread.name", "thread_name", "/Attributes"),
        Member("exception.type", "exception_type", "/Attributes"),
        Member("exception.message", "exception_message", "/Attributes"),
        Member("exception.stacktrace", "exception", "/Attributes"),
    ),
    routing={"": ("trace_id", "span_id", "trace_flags"), "/Attributes": "*"},
    mapping={"trace_id": "TraceId", "span_id": "SpanId", "trace_flags": "TraceFlags"},
)
"""The names of OpenTelemetry's log data model and its semantic conventions."""

ECS = Layout(
    members=(
        Member("@timestamp", "time"),
        Member("log.level", "level_name_lower"),
        Member("message", "message"),
        Member("ecs.version", constant="8.11.0"),
        Member("log.logger", "label"),
        Member("process.pid", "process_id"),
        Member("process.thread.id", "native_id"),
        Member("process.thread.name", "thread_name"),
        Member("error.type", "exception_type"),
        Member("error.message", "exception_message"),
        Member("error.stack_trace", "exception"),
    ),
    mapping={"trace_id": "trace.id", "span_id": "span.id"},
)
"""The names of the Elastic Common Schema, in the order that its logging libraries keep."""

LAYOUTS: dict[str, Layout] = {"flat": FLAT, "blackhole": BLACKHOLE, "otel": OTEL, "ecs": ECS}
"""The layouts by the names that a configuration uses."""
