"""OpenTelemetry: ids of spans on lines, and lines exported."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.http import _log_exporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from asynclog import BufferedLogger, FlushError, Handler, scope
from asynclog.errors import SinkError
from asynclog.formatters import PatternFormatter
from asynclog.integrations import otel
from asynclog.integrations.otel import MAX_REQUEST, LinesRefused, OTLPSink, log_record
from asynclog.integrations.stdlib import AsynclogHandler
from asynclog.records import Batch, Caller, Origin
from asynclog.sinks import MemorySink
from asynclog.testing import check_sink, run
from asynclog.tracebacks import capture

from ..formatters import strategies
from ..making import Hostile, batch_of, record

EXAMPLE = Path(__file__).parents[2] / "docs/examples/otel_checkout.py"
RESOURCE = Resource({"service.name": "shop"})
IDS = {"trace_id": "0" * 31 + "1", "span_id": "0" * 15 + "2", "trace_flags": "01"}


@pytest.fixture(name="tracer")
def _tracer():
    return TracerProvider().get_tracer("test")


@pytest.fixture(name="installed")
def _installed():
    otel.install()
    yield
    otel.uninstall()


def logged(use, run=run):
    """Return the records that *use* has logged."""
    sink = MemorySink()

    async def main():
        async with BufferedLogger(100, 60, handlers=Handler(sink)) as builder:
            done = use(builder)
            if done is not None:
                await done

    run(main())
    return sink.records


def exported(one):
    """Return *one* as the protobuf of OTLP that the official encoder makes of it."""
    request = encode_logs([log_record(one, RESOURCE)])
    parsed = ExportLogsServiceRequest.FromString(request.SerializeToString())
    return parsed.resource_logs[0].scope_logs[0].log_records[0]


def plain(value):
    """Return a value of OTLP as Python has it."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: plain(item.value) for item in value.kvlist_value.values}
    return None if kind is None else getattr(value, kind)


def attributes_of(line):
    """Return the attributes of a record of OTLP."""
    return {item.key: plain(item.value) for item in line.attributes}


@pytest.mark.usefixtures("installed")
def test_a_line_carries_the_ids_of_the_span_it_was_logged_in(tracer):
    """In hexadecimal digits; of the inner one of two spans."""

    def use(builder):
        sender = builder.sender_with_label("a")
        with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner") as span:
            sender.info("x", size=17)
            spans.append(span.get_span_context())

    spans = []
    (line,) = logged(use)
    assert line.attributes == {
        "size": 17,
        "trace_id": format(spans[0].trace_id, "032x"),
        "span_id": format(spans[0].span_id, "016x"),
        "trace_flags": format(spans[0].trace_flags, "02x"),
    }


@pytest.mark.usefixtures("installed")
def test_a_line_outside_any_span_carries_none():
    """Nor any other attribute."""
    (line,) = logged(lambda builder: builder.sender_with_label("a").info("x"))
    assert line.attributes is None


@pytest.mark.usefixtures("installed")
def test_tasks_and_threads_carry_the_span_of_their_context(tracer):
    """Where Python carries the context."""

    async def use(builder):
        sender = builder.sender_with_label("a")

        async def work():
            sender.info("task")

        with tracer.start_as_current_span("one"):
            sender.info("here")
            await asyncio.create_task(work())
            await asyncio.to_thread(sender.info, "thread")
        sender.info("outside")

    lines = {line.message: line.attributes for line in logged(use, run=asyncio.run)}
    assert lines["here"] == lines["task"] == lines["thread"]
    assert lines["outside"] is None


@pytest.mark.usefixtures("installed")
def test_lines_of_logging_carry_them_too(tracer):
    """They are taken in the caller's context."""

    def use(builder):
        handler = AsynclogHandler(builder)
        with tracer.start_as_current_span("one"):
            handler.handle(logging.LogRecord("lib", 20, __file__, 1, "x", (), None))
        handler.close()

    (line,) = logged(use)
    assert set(otel.TRACE_KEYS) <= set(line.attributes)


@pytest.mark.usefixtures("installed")
def test_a_scope_wins_over_the_span(tracer):
    """And both are kept."""

    def use(builder):
        with tracer.start_as_current_span("one"), scope(span_id="mine", tenant="t"):
            builder.sender_with_label("a").info("x")

    (line,) = logged(use)
    assert (line.attributes["span_id"], line.attributes["tenant"]) == ("mine", "t")
    assert len(line.attributes) == 4


def test_installed_twice_and_removed_once_it_is_gone(tracer):
    """So that tests and reloads may do it."""

    def use(builder):
        with tracer.start_as_current_span("one"):
            builder.sender_with_label("a").info("x")

    otel.install()
    otel.install()
    otel.uninstall()
    (line,) = logged(use)
    assert line.attributes is None


def test_a_record_becomes_one_of_opentelemetry():
    """Time, severity, body, and the names of the semantic conventions."""
    line = exported(
        record(
            "text",
            30,
            origin=Origin(1, "p", 2, 3, "main", None),
            caller=Caller("app.py", 7, "main"),
            attributes={"n": 1, "items": [1, "a", None], "by": {"k": True}, "x": 0.5},
        )
    )
    assert (line.time_unix_nano, line.severity_number, line.severity_text) == (0, 13, "WARN")
    assert line.observed_time_unix_nano > 0
    assert line.body.string_value == "text"
    assert attributes_of(line) == {
        "n": 1,
        "items": [1, "a", None],
        "by": {"k": True},
        "x": 0.5,
        "asynclog.label": "a",
        "thread.id": 3,
        "thread.name": "main",
        "code.file.path": "app.py",
        "code.line.number": 7,
        "code.function.name": "main",
    }


def test_an_exception_becomes_three_attributes():
    """As the semantic conventions have it."""
    found = attributes_of(exported(record(exception=capture(ValueError("no")))))
    assert found["exception.type"] == "ValueError"
    assert found["exception.message"] == "no"
    assert found["exception.stacktrace"].endswith("ValueError: no")


@pytest.mark.parametrize(
    ("level", "number"), [(5, 1), (10, 5), (20, 9), (25, 11), (30, 13), (40, 17), (50, 21)]
)
def test_levels_have_the_numbers_of_the_log_data_model(level, number):
    """Those between two names, too."""
    assert exported(record(level=level)).severity_number == number


def test_the_ids_of_a_span_are_fields():
    """And no attributes any more."""
    line = exported(record(attributes=IDS))
    assert (line.trace_id.hex(), line.span_id.hex()) == (IDS["trace_id"], IDS["span_id"])
    assert (line.flags, attributes_of(line)) == (1, {"asynclog.label": "a"})


@pytest.mark.parametrize(
    "change",
    [{"trace_id": "xyz"}, {"span_id": 7}, {"trace_flags": None}, {"trace_id": "0"}],
    ids=str,
)
def test_ids_that_are_none_stay_attributes(change):
    """An attribute of such a name may mean anything."""
    line = exported(record(attributes={**IDS, **change}))
    assert (line.trace_id, line.span_id) == (b"", b"")
    assert set(attributes_of(line)) == {"asynclog.label", *IDS}


def test_an_attribute_does_not_hide_what_the_record_says():
    """The label is that of the line."""
    found = attributes_of(exported(record(attributes={"asynclog.label": "other"})))
    assert found == {"asynclog.label": "a"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1 << 63, str(1 << 63)),
        ((1 << 63) - 1, (1 << 63) - 1),
        ("\ud800", "\\ud800"),
        (datetime(2026, 3, 6, tzinfo=UTC), "2026-03-06T00:00:00Z"),
        (Hostile(), "<unrenderable: Hostile>"),
        (float("inf"), float("inf")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_otlp_does_not_have_is_text(value, expected):
    """Integers of more than 64 bits, halves of characters, objects."""
    assert attributes_of(exported(record(attributes={"v": value})))["v"] == expected


@given(st.dictionaries(st.text(), strategies.PLAIN | strategies.ODD, max_size=4), st.text())
def test_whatever_a_record_holds_it_is_exported(attributes, message):
    """No attribute is missing."""
    line = exported(record(message, attributes=attributes))
    assert len(line.attributes) >= len(attributes)


def sending(sink, *lines, **options):
    """Send *lines* to *sink*; return the final account."""

    async def main():
        handler = Handler(sink, formatter=PatternFormatter("{message}"))
        async with BufferedLogger(10, 60, handlers=handler, **options) as builder:
            for line in lines:
                await builder.sender_with_label("a").info(line)
            await builder.flush()
        return builder.statistics()

    return asyncio.run(main())


def test_lines_reach_the_exporter_of_the_sdk():
    """With the attributes of the program."""
    exporter = InMemoryLogRecordExporter()
    account = sending(OTLPSink(exporter, resource={"service.name": "shop"}), "x", "y")
    finished = exporter.get_finished_logs()

    assert [one.log_record.body for one in finished] == ["x", "y"]
    assert finished[0].resource.attributes["service.name"] == "shop"
    assert account.emitted == 2


def test_a_batch_that_fails_is_tried_again():
    """None of it is lost."""

    class Busy(InMemoryLogRecordExporter):
        failures = 1

        def export(self, batch):
            if self.failures:
                self.failures -= 1
                return LogRecordExportResult.FAILURE
            return super().export(batch)

    async def main():
        exporter = Busy()
        async with BufferedLogger(10, 60, handlers=Handler(OTLPSink(exporter))) as builder:
            await builder.sender_with_label("a").info("x")
            with pytest.raises(FlushError, match="could not be exported"):
                await builder.flush()
        return builder.statistics(), exporter.get_finished_logs()

    account, finished = asyncio.run(main())
    assert (account.emitted, len(finished)) == (1, 1)


def test_an_exporter_that_cannot_flush_fails_the_flush():
    """A flush never lies."""

    class Lazy(InMemoryLogRecordExporter):
        def force_flush(self, timeout_millis=0):
            return False

    with pytest.raises(FlushError, match="the exporter could not flush"):
        sending(OTLPSink(Lazy()), "x")


def test_it_keeps_the_promises_of_a_sink():
    """With an exporter that works."""
    exporter = InMemoryLogRecordExporter()
    asyncio.run(check_sink(OTLPSink(exporter)))
    assert [one.log_record.body for one in exporter.get_finished_logs()] == [
        f"check {i}" for i in range(10)
    ]


def test_a_forked_child_makes_an_exporter_of_its_own(collector):
    """The connection is the parent's."""
    target = OTLPSink(endpoint=collector.endpoint)._target
    target.write(batch_of("parent"))
    parents = target._exporter
    target.inherit()
    target.write(batch_of("child"))

    assert [line.body.string_value for line in collector.lines] == ["parent", "child"]
    assert target._exporter is not parents
    target.close()
    parents.shutdown()


class Collector(ThreadingHTTPServer):
    """A receiver of OTLP over HTTP, which keeps what it is sent."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = []
        self.requests = []
        self.rejects = []  # of each request, how many lines it does not want
        self.body = None  # of an answer that is none of OTLP

    @property
    def endpoint(self):
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/v1/logs"

    @property
    def lines(self):
        """The records of all requests."""
        return [
            line
            for request in self.requests
            for resource in request.resource_logs
            for one in resource.scope_logs
            for line in one.log_records
        ]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if status == 200:
            self.server.requests.append(ExportLogsServiceRequest.FromString(body))
        answer = ExportLogsServiceResponse()
        if self.server.rejects:
            answer.partial_success.rejected_log_records = self.server.rejects.pop(0)
        body = self.server.body or answer.SerializeToString()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(name="collector")
def _collector():
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, args=(0.01,))
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


def test_lines_reach_a_collector_over_http(collector, monkeypatch):
    """By the official exporter, in the official form."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    account = sending(OTLPSink(endpoint=collector.endpoint), *map(str, range(100)))
    resource = collector.requests[0].resource_logs[0].resource

    assert [line.body.string_value for line in collector.lines] == [str(i) for i in range(100)]
    assert {"service.name": "shop"}.items() <= attributes_of(resource).items()
    assert (account.emitted, account.dropped) == (100, 0)


def test_the_example_sends_lines_with_their_spans(collector):
    """Those of one checkout have one trace, and a span for each part."""
    environment = {
        **os.environ,
        "OTEL_SERVICE_NAME": "checkout",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
    }
    subprocess.run([sys.executable, EXAMPLE], check=True, timeout=30, env=environment)
    baskets = {}
    for line in collector.lines:
        baskets.setdefault(attributes_of(line)["asynclog.label"], []).append(line)

    assert [len(baskets[f"basket/{number}"]) for number in range(3)] == [2, 2, 2]
    first, second = baskets["basket/0"]
    assert first.trace_id == second.trace_id != baskets["basket/2"][0].trace_id
    assert first.span_id != second.span_id


def test_a_collector_that_refuses_lines_does_not_hold_up_the_next(collector, capsys):
    """They are counted as lost, and the reason is told."""
    collector.answers.append(400)

    async def main():
        sink = OTLPSink(endpoint=collector.endpoint)
        async with BufferedLogger(10, 60, handlers=Handler(sink)) as builder:
            sender = builder.sender_with_label("a")
            await sender.info("bad")
            with pytest.raises(FlushError, match="given up: LinesRefused"):
                await builder.flush()
            await sender.info("good")
            await builder.flush()
        return builder.statistics()

    account = asyncio.run(main())
    assert [line.body.string_value for line in collector.lines] == ["good"]
    assert account.dropped_by_cause == {"sink failed": 1}


def test_lines_that_a_collector_refuses_among_others_are_counted(collector, capsys):
    """It answers that all is well, and that it has taken not all."""
    collector.rejects.append(3)

    async def main():
        handler = Handler(OTLPSink(endpoint=collector.endpoint))
        async with BufferedLogger(10, 60, handlers=handler) as builder:
            for number in range(10):
                await builder.sender_with_label("a").info(str(number))
        return builder.statistics()

    account = asyncio.run(main())
    assert (account.emitted, account.dropped_by_cause) == (7, {"refused by the sink": 3})
    assert "the collector refused 3 of 10 lines" in capsys.readouterr().err


def test_an_answer_that_is_no_collectors_is_taken_for_what_its_status_says(collector):
    """As that of a proxy."""
    collector.body = b"<html>ok</html>"
    account = sending(OTLPSink(endpoint=collector.endpoint), "a")
    assert (account.emitted, account.dropped) == (1, 0)


def test_lines_are_kept_while_the_collector_is_at_another_address(collector):
    """The exporter takes a redirection for success, though it does not follow it."""
    collector.answers.append(301)
    with pytest.raises(SinkError, match="answered 301: it is at another address") as raised:
        OTLPSink(endpoint=collector.endpoint).write_now(batch_of("a"))
    assert (raised.value.written, raised.value.lost) == (0, 0)


def test_lines_with_large_attributes_go_in_several_requests(collector):
    """The text of a line may be short; collectors bound what they take at a time."""
    records = [record(message=str(i), attributes={"a": "x" * 400_000}) for i in range(5)]
    OTLPSink(endpoint=collector.endpoint).write_now(Batch(records, [""] * 5))
    sizes = [len(one.resource_logs[0].scope_logs[0].log_records) for one in collector.requests]
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize(("status", "lost"), [(400, 2), (500, 0)])
def test_a_request_that_fails_leaves_those_before_and_behind_alone(collector, status, lost):
    """What was sent is not sent again, and what was not is not lost."""
    collector.answers += [200, status]
    records = [record(message=str(i), attributes={"a": "x" * 400_000}) for i in range(5)]
    with pytest.raises(SinkError) as raised:
        OTLPSink(endpoint=collector.endpoint).write_now(Batch(records, [""] * 5))
    assert (raised.value.written, raised.value.lost) == (2, lost)


def test_a_line_that_otlp_cannot_carry_is_given_up(collector):
    """The exporter does not even try to send it, and would not another time."""
    sink = OTLPSink(endpoint=collector.endpoint)
    with pytest.raises(LinesRefused, match=r"a line of 671\d+ bytes: OTLP allows 67108864"):
        sink.write_now(batch_of("x" * MAX_REQUEST))
    sink.write_now(batch_of("y"))
    assert [line.body.string_value for line in collector.lines] == ["y"]


def test_closing_does_not_wait_for_a_collector_that_is_not_there(collector, capsys):
    """The exporter would go on trying for ten seconds."""

    async def main():
        sink = OTLPSink(endpoint="http://127.0.0.1:9/v1/logs")
        logger = BufferedLogger(1, 60, handlers=Handler(sink), close_timeout=0.5)
        async with logger as builder:
            await builder.sender_with_label("a").info("x")
        return builder.statistics()

    async def in_time():
        async with asyncio.timeout(8):
            return await main()

    account = asyncio.run(in_time())
    threads = [one for one in threading.enumerate() if "127.0.0.1:9/" in one.name]
    for thread in threads:
        thread.join(2)

    assert (account.emitted, account.dropped) == (0, 1)
    assert not any(thread.is_alive() for thread in threads)


def test_the_exporters_own_lines_do_not_come_back(collector, capsys, monkeypatch):
    """Where all that is logged goes to the sink that fails, too."""
    monkeypatch.setattr(
        logging.getLogger(_log_exporter.__name__), "filters", []
    )  # what is repeated
    collector.answers.append(400)
    root = logging.getLogger("opentelemetry")

    async def main():
        sink = OTLPSink(endpoint=collector.endpoint)
        async with BufferedLogger(1, 60, handlers=Handler(sink)) as builder:
            handler = AsynclogHandler(builder)
            root.addHandler(handler)
            await builder.sender_with_label("a").info("x")
            with pytest.raises(FlushError):
                await builder.flush()
            root.removeHandler(handler)
            handler.close()
        return builder.statistics()

    account = asyncio.run(main())
    assert account.dropped_by_cause["logged from inside the logger"] == 1
    assert collector.lines == []


def test_an_exporter_and_an_endpoint_do_not_go_together():
    """The exporter has its own."""
    with pytest.raises(ValueError, match="endpoint: expected None"):
        OTLPSink(InMemoryLogRecordExporter(), endpoint="http://localhost")


def test_the_sink_shows_where_it_exports_to():
    """The endpoint, the exporter's class, or the protocol."""
    shown = [OTLPSink(endpoint="http://a"), OTLPSink(InMemoryLogRecordExporter()), OTLPSink()]
    assert [repr(one) for one in shown] == [
        "OTLPSink('http://a')",
        "OTLPSink('InMemoryLogRecordExporter')",
        "OTLPSink('OTLP')",
    ]


def test_without_opentelemetry_the_extra_is_named(monkeypatch):
    """In one line."""
    monkeypatch.setitem(sys.modules, "opentelemetry._logs", None)
    monkeypatch.delitem(sys.modules, "asynclog.integrations.otel")
    with pytest.raises(ImportError, match=r"install asynclog-toolkit\[otel\]"):
        __import__("asynclog.integrations.otel")


def test_without_the_exporter_the_extra_is_named(monkeypatch):
    """One that brings its own needs no other."""
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http._log_exporter", None)
    with pytest.raises(ImportError, match=r"install asynclog-toolkit\[otel\]"):
        OTLPSink()
