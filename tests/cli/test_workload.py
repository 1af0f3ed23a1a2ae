"""Tests of asynclog.cli.workload."""

import hashlib
import os
import zlib

from asynclog.cli import workload
from asynclog.cli.workload import Job, Summary, examine, find_jobs, process
from asynclog.levels import Level


class Sender:
    """Keeps lines, and when it was flushed."""

    def __init__(self):
        self.lines = []

    async def log(self, level, message, /, *args, **attributes):
        """Keep one line."""
        self.lines.append((level, message.format(*args)))

    async def flush(self, *, durable=False):
        """Keep the fact."""
        self.lines.append("flush")


def test_a_directory_with_files_is_a_job(tmp_path):
    """In order of path; hidden ones, caches and empty ones are none."""
    for name in ("b", "a/inner", ".hidden", "__pycache__", "empty"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("b/two", "b/one", "a/inner/x", ".hidden/y", "__pycache__/z"):
        (tmp_path / name).write_text(name)

    jobs = [(job.label, [file.name for file in job.files]) for job in find_jobs(tmp_path)]
    assert jobs == [("a/inner", ["x"]), ("b", ["one", "two"])]


def test_what_is_not_a_regular_file_is_left_out(tmp_path):
    """Reading a named pipe would never end."""
    os.mkfifo(tmp_path / "pipe")
    assert find_jobs(tmp_path) == []


def test_there_is_a_bound_to_jobs_and_files(tmp_path):
    """So that the demonstration ends soon in any directory."""
    for number in range(workload.MAX_JOBS + 1):
        (tmp_path / f"{number}").mkdir()
        for name in range(workload.MAX_FILES + 1):
            (tmp_path / f"{number}" / f"{name}").touch()

    jobs = find_jobs(tmp_path)
    assert len(jobs) == workload.MAX_JOBS
    assert {len(job.files) for job in jobs} == {workload.MAX_FILES}


def test_a_file_is_hashed_and_compressed(tmp_path):
    """The summary is that of its bytes."""
    data = b"some text, some text" * 100
    (tmp_path / "file").write_bytes(data)
    packed = len(zlib.compress(data))
    assert examine(tmp_path / "file") == Summary(2000, hashlib.sha256(data).hexdigest(), packed)


async def test_a_job_tells_each_step(tmp_path):
    """What was done to each file, what could not be done, and in the end a flush."""
    (tmp_path / "text").write_bytes(b"abc" * 100)
    (tmp_path / "empty").touch()
    files = tuple(tmp_path / name for name in ("text", "empty", "gone"))
    sender = Sender()

    assert await process(sender, Job("x", files)) == 300
    digest = hashlib.sha256(b"abc" * 100).hexdigest()[:8]
    assert sender.lines == [
        (Level.INFO, "files to do: 3"),
        (Level.INFO, f"text: 300 bytes, sha256 {digest}, deflated to 5%"),
        (Level.WARNING, "empty: empty"),
        (Level.ERROR, "gone: No such file or directory"),
        (Level.INFO, "done, 300 bytes"),
        "flush",
    ]


async def test_files_are_read_in_threads(tmp_path, never_blocking):
    """Nothing that can block is called on the loop."""
    (tmp_path / "text").write_bytes(b"abc")
    assert await process(Sender(), Job("x", (tmp_path / "text",))) == 3
