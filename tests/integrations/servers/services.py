"""The services that the servers serve.  Each request adds one byte to the tally of its process."""

import asyncio
import os
import random
from pathlib import Path

import fastapi
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from asynclog import BufferedLogger, Handler
from asynclog.formatters import JSONFormatter
from asynclog.integrations.asgi import AsynclogMiddleware, current_sender
from asynclog.sinks import FileSink, RollingFileSink

PLACE = Path(os.environ["PLACE"])
"""The directory of the log and the tally."""
TALLY = os.open(PLACE / f"tally.{os.getpid()}", os.O_CREAT | os.O_APPEND | os.O_WRONLY)


def make_logger():
    """Return the logger; each process has its own."""
    (PLACE / f"worker.{os.getpid()}").touch()
    if "ROLL" in os.environ:
        sink = RollingFileSink(PLACE / "log", size=os.environ["ROLL"])
    else:
        sink = FileSink(PLACE / "log")
    return BufferedLogger(100, 3.0, handlers=Handler(sink, formatter=JSONFormatter()))


async def work():
    """Log twice, and let others do so in between."""
    os.write(TALLY, b".")
    await current_sender().info("begin", process=os.getpid())
    await asyncio.sleep(random.random() / 100)
    await current_sender().info("end")


async def hello(request):
    """Answer soon."""
    await work()
    return PlainTextResponse("hello")


async def slow(request):
    """Answer later than clients wait."""
    await work()
    await asyncio.sleep(1)
    return PlainTextResponse("late")


async def stream(request):
    """Answer for as long as the client listens."""

    async def parts():
        while True:
            yield b"part\n"
            await asyncio.sleep(0.01)

    await work()
    return StreamingResponse(parts())


async def boom(request):
    """Fail."""
    await work()
    raise ZeroDivisionError("boom")


async def echo(websocket):
    """Send back what comes."""
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


starlette = Starlette(
    routes=[
        Route("/", hello),
        Route("/slow", slow),
        Route("/boom", boom),
        Route("/stream", stream),
        WebSocketRoute("/echo", echo),
    ]
)
starlette.add_middleware(AsynclogMiddleware, logger=make_logger)

api = fastapi.FastAPI()
api.add_middleware(AsynclogMiddleware, logger=make_logger, id_in_response=True)


@api.get("/")
def read():
    """Answer from a thread, as FastAPI does for plain functions."""
    os.write(TALLY, b".")
    current_sender().info("begin", process=os.getpid())
    current_sender().info("end")
    return "hello"
