"""Run the faults one after the other, and print a table.

    python -m tests.soak [--seconds 30] [FAULT ...]

Fails where an account is wrong, a line that counts as emitted did not arrive, or the loop's lag at
p99.9 is more than twice what it is with a `NullSink` in the same process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from .faults import FAULTS
from .trial import CAPACITY, Report

WANTED = 2.0
"""How many times higher than with a `NullSink` the lag may be."""
HEAD = (
    "| fault | lag p99.9, ms | with `NullSink` | ratio | other handler, ms late (`NullSink`) | memory, MB"
    " | waiting | accepted | emitted | dropped | told | difference | missing |\n"
    + "|---" * 13
    + "|"
)


def row_of(report: Report) -> str:
    """Return *report* as a row of the table."""
    return (
        f"| `{report.fault}` | {report.lag:.2f} | {report.quiet_lag:.2f}"
        f" | {report.lag / report.quiet_lag:.2f} | {report.late:.0f} ({report.quiet_late:.0f})"
        f" | +{report.memory:.1f} | {report.waiting:,} | {report.accepted:,} | {report.emitted:,}"
        f" | {report.dropped:,} | {report.told:,} | {report.difference} | {report.missing} |"
    )


def mistakes_of(report: Report) -> list[str]:
    """Return what is wrong in *report*."""
    ends = FAULTS[report.fault].ends  # else the sink takes notices of losses away with it
    found = {
        "the account does not add up": report.difference != 0,
        "lines are missing": report.missing > 0 or (ends and report.missing < 0),
        "more waited than the capacity": report.waiting > report.capacity + report.burst,
        "nothing was written again": ends and not report.resumed,
        "lines arrived twice": report.twice > 0 and not FAULTS[report.fault].repeats,
        "not all losses were told": ends and report.told < report.shed,
    }
    return [mistake for mistake, is_so in found.items() if is_so]


def trial(name: str, *options: str) -> Report:
    """Return what is seen of one fault, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        command = [sys.executable, "-m", "tests.soak.trial", name, "--report", str(path), *options]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
        return msgspec.json.decode(path.read_bytes(), type=Report)


def main() -> int:
    """Print the table; return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--seconds", type=float, default=30.0, help="of load with each fault")
    parser.add_argument("--capacity", type=int, default=CAPACITY)
    options = parser.parse_args()
    print(HEAD)
    mistakes = []
    for name in options.faults or FAULTS:
        seconds = ("--seconds", str(options.seconds), "--quiet", str(options.seconds / 2))
        report = trial(name, *seconds, "--capacity", str(options.capacity))
        print(row_of(report), flush=True)
        slow = report.lag > WANTED * report.quiet_lag
        mistakes += [f"{name}: {one}" for one in mistakes_of(report)]
        mistakes += [f"{name}: the loop is late"] * slow
    print(*mistakes, sep="\n")
    return int(bool(mistakes))


if __name__ == "__main__":
    sys.exit(main())
