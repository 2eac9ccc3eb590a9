"""The embedded AWS, but its clock jumps, as that of a laptop does which slept or was off.

Run in place of `nrti_local.server.run`. The file `clock` beside its own says by how many seconds it is
ahead; it is read at the start and at each SIGUSR1. It is `time.time` that jumps, from which the server has
every time.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from nrti_local.server import run as server

#: By name, in the directory of the embedded AWS.
CLOCK = "clock"


def _jump_with(clock: Path) -> None:
    true_time, ahead = time.time, [0.0]

    def read(*_: object) -> None:
        ahead[0] = float(clock.read_text()) if clock.exists() else 0.0

    read()
    signal.signal(signal.SIGUSR1, read)
    time.time = lambda: true_time() + ahead[0]


if __name__ == "__main__":
    _jump_with(Path(sys.argv[1], CLOCK))
    server.main()
