"""Several processes that roll one file and compress its archives, and are killed at any moment."""

from __future__ import annotations

import gzip
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from .writer import PAD, SIZE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

KILLS = 8
LINE = re.compile(rf"(\w+) (\d{{6}}) {PAD}")


class Writers:
    """Three processes at any time; what each was promised is kept when it is gone.

    Args:
        folder: for the log, and for what the processes say.
        names: of the archives.
    """

    def __init__(self, folder, names):
        self._folder = folder
        self._names = names
        self._running = {}
        self.log = folder / "logs" / "app.log"
        self.started = 0
        for _ in range(3):
            self.start()

    def start(self):
        """Start another one."""
        name = f"w{self.started}"
        self.started += 1
        command = [sys.executable, "-m", "tests.soak.writer", name, self.log, "gzip", self._names]
        with (self._folder / name).open("w") as said:
            root = Path(__file__).parents[2]
            self._running[name] = subprocess.Popen(command, cwd=root, stdout=said)

    def at_work(self):
        """Return the names of those that run and were promised something."""
        return [name for name in self._running if (self._folder / name).stat().st_size]

    def kill(self, name):
        """Kill one."""
        program = self._running.pop(name)
        program.kill()
        program.wait()

    def kill_all(self):
        """Kill the rest."""
        for name in list(self._running):
            self.kill(name)

    def promised(self):
        """Return every line that was told to be written, by process and number."""
        lines = set()
        for name in (f"w{number}" for number in range(self.started)):
            said = (self._folder / name).read_text().split("\n")[:-1]
            lines |= {(name, number) for number in range(int(said[-1]) if said else 0)}
        return lines

    def texts(self):
        """Yield the text of the file and of each archive that is finished, once.

        Whoever is killed before it removes what it has compressed leaves it to the next one.
        """
        paths = sorted(path for path in self.log.parent.iterdir() if path.suffix != ".tmp")
        for path in {path.name.removesuffix(".gz"): path for path in paths}.values():
            data = path.read_bytes()
            yield (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


@pytest.mark.parametrize("names", ["timestamp", "number"])
def test_whoever_is_killed_when_nothing_that_was_promised_is_lost(tmp_path, names):
    """Nor doubled; and no file is larger than it may be."""
    writers = Writers(tmp_path, names)
    for _ in range(KILLS):
        while not (at_work := writers.at_work()):
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.2))  # at any moment
        writers.kill(random.choice(at_work))
        writers.start()
    writers.kill_all()

    texts = list(writers.texts())
    rows = Counter(row for text in texts for row in text.splitlines())
    found = {(match[1], int(match[2])) for match in map(LINE.fullmatch, rows) if match}

    assert writers.promised() - found == set()
    assert [row for row, count in rows.items() if count > 1 and LINE.fullmatch(row)] == []
    assert max(map(len, texts)) <= SIZE
