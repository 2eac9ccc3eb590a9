"""What is written once stays written once, whenever an interrupt comes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: One interrupt for each line, a little later each time.
PROGRAM = """
import signal, sys
from nrti_cli.streams import open_streams

open_streams()


def interrupt(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGALRM, interrupt)
for number in range(20_000):
    try:
        signal.setitimer(signal.ITIMER_REAL, (1 + number % 40) / 1_000_000)
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        pass
"""


def test_no_line_is_written_twice(tmp_path: Path) -> None:
    file = tmp_path / "out"
    with file.open("wb") as out:
        subprocess.run([sys.executable, "-c", PROGRAM], stdout=out, check=True, timeout=60)

    lines = file.read_text().splitlines()

    assert len(lines) == len(set(lines)) > 5_000
