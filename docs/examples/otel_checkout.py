"""A checkout with spans, whose lines go to a collector of OpenTelemetry.

OTEL_SERVICE_NAME=checkout OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 python otel_checkout.py
"""

import asyncio

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from asynclog import BufferedLogger, Handler
from asynclog.formatters import PatternFormatter
from asynclog.integrations import otel

trace.set_tracer_provider(TracerProvider())
tracer = trace.get_tracer("checkout")


async def pay(sender, amount):
    """Take the money."""
    with tracer.start_as_current_span("pay"):
        await sender.info("payment accepted", amount=amount)


async def check_out(sender, basket):
    """Sell all that is in *basket*."""
    with tracer.start_as_current_span("check out"):
        await sender.info("checkout begins", items=len(basket))
        if not basket:
            await sender.warning("the basket is empty")
            return
        await pay(sender, sum(basket.values()))


async def main():
    otel.install()
    handler = Handler(otel.OTLPSink(), formatter=PatternFormatter("{message}"))
    async with BufferedLogger(max_lines=100, max_age=1.0, handlers=handler) as logger:
        async with asyncio.TaskGroup() as group:
            for number, basket in enumerate([{"chair": 40.0, "table": 90.0}, {}, {"lamp": 15.5}]):
                sender = logger.sender_with_label(f"basket/{number}")
                group.create_task(check_out(sender, basket))


if __name__ == "__main__":
    asyncio.run(main())
