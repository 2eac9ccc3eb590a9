"""Replaces the process of the command by that of the page; the process id stays."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: glibc returns freed memory to the system, instead of keeping the gaps that reading the descriptions of
#: AWS's APIs leaves. Other libraries ignore these variables.
_MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
_TARGET = ("name", "stack", "region", "profile", "endpoint_url", "origin")


def become(target: Target, *, port: int, period: int, opens: bool) -> NoReturn:
    """Serves the page until it is interrupted; does not return.

    Args:
        target: which pipeline.
        port: to listen on; 0 takes a free one.
        period: seconds that the page shows at first.
        opens: whether it opens the page in a browser.
    """
    about = {name: getattr(target, name) for name in _TARGET}
    wanted = {"target": about, "port": port, "period": period, "opens": opens}
    sys.stdout.flush()
    # -P: no file of the current directory takes the place of a module.
    command = [sys.executable, "-P", "-m", "nrti_cli.dashboard", json.dumps(wanted)]
    os.execve(command[0], command, {**os.environ, **_MEMORY})  # noqa: S606 (no shell is needed)
