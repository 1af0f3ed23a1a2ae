"""Lines of the standard library's `logging`, in one file."""

from __future__ import annotations

import logging

from asynclog.integrations.stdlib import install, uninstall

from .file import FileAdapter


class StdlibAdapter(FileAdapter):
    """Logs with `logging`, whose root has an `AsynclogHandler`."""

    name = "asynclog_stdlib"
    sync_log = True

    async def open(self):
        """Open the logger, and have `logging` lead to it."""
        await super().open()
        install(self.builder, level="INFO")

    def log(self, label, text):
        """Log one line."""
        logging.getLogger(label).info(text)

    async def close(self):
        """Leave `logging` as it was, and close the logger."""
        uninstall()
        await super().close()
