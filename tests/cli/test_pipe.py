"""Tests of asynclog.cli.pipe, each with a process of its own."""

import array
import fcntl
import re
import signal
import sqlite3
import subprocess
import sys
import sysconfig
import termios
import threading
import time
from pathlib import Path

import pytest

from asynclog.formatters.escaping import escape

COMMAND = [sys.executable, "-m", "asynclog", "pipe"]


def impatient(seconds):
    """Return the command with so little time for what an output does not take."""
    code = f"import asynclog.cli.pipe as p; p.LAST_SECONDS = {seconds}; import asynclog.cli as c; c.main()"
    return [sys.executable, "-c", code, "pipe"]


def run(data, *arguments, command=COMMAND):
    """Return what the command does with *data*, a file or bytes."""
    given = {"input": data} if isinstance(data, bytes) else {"stdin": data}
    return subprocess.run([*command, *arguments], capture_output=True, check=False, **given)


def start(*arguments, command=COMMAND):
    """Start the command with pipes to all its ends."""
    ends = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*command, *arguments], bufsize=0, **ends)


def waiting_in(pipe):
    """Return how many bytes of *pipe* nobody has read."""
    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


def messages(output):
    """Return the lines of *output* without what the command put before them."""
    lines = output.decode().splitlines()
    return [re.sub(r"^\S+ \S+ \w+ +\[.*?\]: ", "", line) for line in lines]


def levels(output):
    """Return the level of each line of *output*."""
    return [line.split()[2] for line in output.decode().splitlines()]


def numbered(count):
    """Return so many lines, all different."""
    return b"".join(b"line number %d\n" % number for number in range(count))


class TestLines:
    """What comes out for what went in."""

    def test_a_line_gets_a_time_a_level_and_the_label(self):
        """And its text is not touched."""
        done = run(b"hello\n", "--label", "greeter")
        assert re.fullmatch(
            rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} INFO +\[greeter\]: hello\n", done.stdout
        )
        assert (done.returncode, done.stderr) == (0, b"")

    def test_levels_are_recognised(self):
        """From the text that the program wrote."""
        done = run(b'ERROR x\n[warn] y\nlevel=debug z\n{"level":"fatal"}\n<3>v\nw\n')
        assert levels(done.stdout) == ["ERROR", "WARNING", "DEBUG", "CRITICAL", "ERROR", "INFO"]

    def test_the_last_line_needs_no_line_feed(self):
        """It counts as a line."""
        assert messages(run(b"one\ntwo").stdout) == ["one", "two"]

    def test_no_input_is_no_line(self):
        """And no error."""
        done = run(b"")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def test_bytes_that_are_no_text_stay_visible(self):
        """Also control characters, which cannot disguise the line."""
        assert messages(run(b"a\xff\x1b[2Jb\n").stdout) == [r"a\xff\x1b[2Jb"]

    def test_a_huge_line_comes_in_pieces(self):
        """Nothing of it is left out."""
        done = run(b"x" * 1_000_000)
        assert "".join(messages(done.stdout)) == "x" * 1_000_000
        assert len(done.stdout.splitlines()) > 10

    def test_a_file_is_appended_to(self, tmp_path):
        """And nothing goes to standard output."""
        path = tmp_path / "out.log"
        outputs = [run(text, "--file", str(path)).stdout for text in (b"one\n", b"two\n")]
        assert messages(path.read_bytes()) == ["one", "two"]
        assert outputs == [b"", b""]

    def test_missing_directories_are_made(self, tmp_path):
        """Closed to others, as `FileSink` makes them."""
        path = tmp_path / "new" / "dir" / "out.log"
        assert run(b"one\n", "--file", str(path)).returncode == 0
        assert messages(path.read_bytes()) == ["one"]
        assert path.parent.stat().st_mode & 0o777 == 0o750

    def test_a_path_may_hold_the_label(self, tmp_path):
        """Then no file of the path as it was written appears."""
        run(b"one\n", "--label", "web", "--file", str(tmp_path / "{label}.log"))
        assert [path.name for path in tmp_path.iterdir()] == ["web.log"]

    @pytest.mark.slow
    def test_a_hundred_thousand_lines_of_a_real_program(self, tmp_path):
        """`cat` prints the standard library: every line is in the file, in order."""
        files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
        path = tmp_path / "out.log"
        with subprocess.Popen(["cat", *files], stdout=subprocess.PIPE) as cat:
            done = run(cat.stdout, "--file", str(path))

        printed = b"".join(file.read_bytes() for file in files).decode().split("\n")[:-1]
        assert done.returncode == 0
        assert len(printed) >= 100_000
        assert messages(path.read_bytes()) == [escape(line) for line in printed]


class TestEnding:
    """How the command ends, and what is written by then."""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_lets_everything_be_written(self, number, tmp_path):
        """What the program wrote before the signal is in the file, though the program stays."""
        path = tmp_path / "out.log"
        with start("--file", str(path)) as process:
            process.stdin.write(numbered(20_000))
            process.send_signal(number)
            assert (process.wait(), process.stderr.read()) == (0, b"")

        assert path.read_bytes().count(b"\n") == 20_000
        assert messages(path.read_bytes())[-1] == "line number 19999"

    def test_a_reader_that_leaves_ends_it_quietly(self):
        """As with `| head -1`: by SIGPIPE, without a word."""
        with start("--max-lines", "0") as process:
            process.stdin.write(b"one\n")
            process.stdout.readline()
            process.stdout.close()
            process.stdin.write(b"two\n")
            assert process.wait() == -signal.SIGPIPE
            assert process.stderr.read() == b""

    def test_what_an_output_that_hangs_does_not_take_is_counted(self):
        """After a signal the command ends all the same; written and lost add up."""
        with start(command=impatient(2)) as process:
            process.stdin.write(numbered(40_000))
            while waiting_in(process.stdin) or not waiting_in(process.stdout):
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 1
            told = process.stderr.read().decode()
            written = process.stdout.read().count(b"\n")

        lost = sum(int(n.replace(",", "")) for n in re.findall(r"pipe: ([\d,]+) lines? lost", told))
        assert 0 < written < 40_000
        assert written + lost == 40_000

    def test_a_disk_that_is_full_is_told(self):
        """The status says that not everything was written."""
        done = run(b"one\n", "--file", "/dev/full", command=impatient(0.2))
        assert done.returncode == 1
        assert b"No space left on device" in done.stderr
        assert b"pipe: all is read; trying to write it for 0.2 s more" in done.stderr
        assert b"asynclog: pipe: 1 line lost" in done.stderr


class TestBackPressure:
    """What happens while the output is slower than the input."""

    @pytest.mark.slow
    def test_it_is_told_once_and_counted(self):
        """Then, when the output goes on, every line comes."""
        with start() as process:
            feeder = threading.Thread(
                target=lambda: (process.stdin.write(numbered(200_000)), process.stdin.close())
            )
            feeder.start()
            told = process.stderr.readline()
            lines = process.stdout.read().count(b"\n")
            feeder.join()
            last = process.stderr.read()

        assert told == b"asynclog: pipe: the output is slower than the input, which has to wait\n"
        assert lines == 200_000
        assert re.fullmatch(
            rb"asynclog: pipe: the input waited \d+ times, \d+\.\d s in all\n", last
        )

    @pytest.mark.slow
    def test_a_file_as_input_has_nobody_to_wait(self, tmp_path):
        """Nothing is told, however fast the file can be read."""
        path = tmp_path / "in.txt"
        path.write_bytes(numbered(200_000))
        with path.open("rb") as source:
            assert run(source, "--file", str(tmp_path / "out.log")).stderr == b""


class TestMistakes:
    """What the user is told, in one line and without a traceback."""

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (
                ["--file", "/dev/null/x"],
                "--file: expected a file that can be written, got '/dev/null/x': Not a directory",
            ),
            (["--file", "/"], "--file: expected the path of a file, got the directory '/'"),
            (["--file", ""], "--file: expected the path of a file, got ''"),
            (["--max-lines", "ten"], "--max-lines: expected a whole number from 0 up, got 'ten'"),
            (["--max-lines", "-1"], "--max-lines: expected a whole number from 0 up, got '-1'"),
            (["--max-age", "soon"], "--max-age: expected seconds from 0 up, got 'soon'"),
            (["--max-age", "nan"], "--max-age: expected seconds from 0 up, got 'nan'"),
            (["file"], "got unexpected extra argument (file)"),
        ],
    )
    def test_an_argument_that_cannot_be_used(self, arguments, told):
        """One line says which, what it was, and what is allowed; the status is 2."""
        done = run(b"", *arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode() == f"asynclog pipe: {told}\n"

    def test_a_closed_input(self):
        """It is wrong use, too."""
        line = " ".join(["exec", *COMMAND, "<&-"])
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
        assert done.returncode == 2
        assert done.stderr == b"asynclog pipe: standard input is closed\n"


class TestConfiguration:
    """`--config`: a file says where lines go."""

    def test_lines_go_where_the_file_says(self, tmp_path):
        """In its form, by its levels."""
        path = tmp_path / "logging.toml"
        path.write_text(
            "[asynclog]\nlevels = { srv = 'WARNING' }\n[[own]]\n"
            "formatter = { type = 'string', pattern = '{severity} <{message}>' }\n"
            "sinks = [{ type = 'console' }]\n"
        )
        arguments = ["--config", str(path), "--logger", "own", "--label", "srv"]
        done = run(b"one\n[warn] two\n", *arguments)
        assert (done.returncode, done.stdout) == (0, b"WARNING <[warn] two>\n")

    def test_its_mistakes_are_told(self, tmp_path):
        """Each in a line; the status is that of wrong use."""
        path = tmp_path / "logging.toml"
        path.write_text("[[root]]\nformatter = { type = 'json' }\nsinks = [{ type = 'consol' }]\n")
        done = run(b"one\n", "--config", str(path))
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(f"{path}: root[0].sinks[0].type: expected".encode())

    @pytest.mark.parametrize("other", [("--file", "x"), ("--max-lines", "5"), ("--max-age", "1")])
    def test_what_the_file_says_is_not_said_twice(self, other):
        """It is wrong use."""
        done = run(b"", "--config", "x.toml", *other)
        assert done.returncode == 2
        assert f"expected --config or {other[0]}, got both".encode() in done.stderr


class TestCentral:
    """Lines that are counted."""

    def test_lines_that_differ_in_values_are_one_group(self, tmp_path):
        """With the number of them."""
        url = f"sqlite:///{tmp_path}/events.db"
        done = run(b"ERROR user 1\nERROR user 2\n", "--central", url)
        connection = sqlite3.connect(tmp_path / "events.db")
        rows = connection.execute("select level, title, total from groups").fetchall()
        connection.close()

        assert (done.returncode, done.stdout) == (0, b"")
        assert rows == [(40, "ERROR user 1", 2)]

    def test_a_server_out_of_reach_is_status_1(self):
        """What was lost is told."""
        done = run(b"lost\n", "--central", "redis://127.0.0.1:1", command=impatient(0.2))

        assert done.returncode == 1
        assert b"1 events not reported when it was closed" in done.stderr

    def test_a_url_that_cannot_be_used_is_told_without_its_password(self):
        """The status is 2."""
        done = run(b"", "--central", "mysql://me:secret@db/x")

        assert (done.returncode, b"secret" in done.stderr) == (2, False)
        assert done.stderr.startswith(b"asynclog pipe: --central: expected one of redis://")
