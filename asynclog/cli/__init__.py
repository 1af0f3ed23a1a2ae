"""The command line, `asynclog`; it needs the extra `cli`."""

from __future__ import annotations

import sys

_NEEDED = ("click", "rich")
_WRONG_USE = 2


def main() -> None:
    """Run the command that the arguments of the process name, and exit with its status."""
    try:
        from .app import app  # noqa: PLC0415 - its dependencies are optional
        from .mistakes import run  # noqa: PLC0415

        run(app)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        print(
            'asynclog: the command line needs the extra "cli": '
            "pip install 'asynclog-toolkit[cli]'",
            file=sys.stderr,
        )
        sys.exit(_WRONG_USE)
