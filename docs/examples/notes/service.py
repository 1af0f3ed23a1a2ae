"""A small service that keeps notes: FastAPI, with the lines of each request together.

    uvicorn service:app --no-access-log
    curl -H 'X-Request-ID: my-first' -d '{"text": "milk"}' -H 'Content-Type: application/json' localhost:8000/notes

Each process opens its own logger when the application starts and closes it when it ends.
"""

import asyncio
import logging
import logging.config
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI, HTTPException
from pydantic import BaseModel

from asynclog.config import load_config
from asynclog.integrations.asgi import AsynclogMiddleware, current_sender, log_config

CONFIG = Path(__file__).with_name("logging.toml")
logging.config.dictConfig(log_config())  # what the server and libraries log goes along


class Note(BaseModel):
    text: str


class Store:
    """Keeps notes, and logs under the request that it works for without being handed anything."""

    def __init__(self):
        self.notes: dict[int, Note] = {}
        self._numbers = count(1)

    async def add(self, note):
        await asyncio.sleep(0.001)  # a real one would talk to a database here
        number = next(self._numbers)
        self.notes[number] = note
        await current_sender().info("stored note {}", number, size=len(note.text))
        return number

    async def index(self, number):
        """Work that begins when the client has its answer."""
        await asyncio.sleep(0.01)
        await current_sender().info("indexed note {}", number)


store = Store()


@asynccontextmanager
async def lifespan(app):
    await current_sender().info("store is open")
    yield
    await current_sender().info("{} notes at the end", len(store.notes))


app = FastAPI(lifespan=lifespan)
app.add_middleware(
    AsynclogMiddleware,
    logger=lambda: load_config(CONFIG),
    id_in_response=True,
    headers=["user-agent"],
)


@app.post("/notes", status_code=201)
async def add(note: Note, later: BackgroundTasks):
    number = await store.add(note)
    later.add_task(store.index, number)
    return {"number": number}


@app.get("/notes/{number}")
async def read(number: int):
    if number not in store.notes:
        raise HTTPException(404)
    return store.notes[number]


@app.get("/report")
def report():
    """A plain function: FastAPI runs it in a thread, and `logging` finds the request there, too."""
    logging.getLogger("notes.report").warning("report over %d notes", len(store.notes))
    return {
        "words_per_note": sum(len(n.text.split()) for n in store.notes.values()) / len(store.notes)
    }
