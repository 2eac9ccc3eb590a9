"""The small files by which the server reports its state to waiting commands; `presence` reads them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from nrti_local.server.processes.layout import Layout
from nrti_local.server.shared.times import now

_REPLAY_SECONDS = 0.2


def clear(layout: Layout) -> None:
    """Removes the notes of the previous server about its end."""
    layout.stopping.unlink(missing_ok=True)
    layout.replaying.unlink(missing_ok=True)


def ready(layout: Layout) -> None:
    """Reports that everything answers, and where."""
    facts = {
        "pid": os.getpid(),
        "port": int(os.environ["GATEWAY_PORT"]),
        "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
        "since": now().isoformat(timespec="seconds"),
        "version": version("nrti"),
    }
    _replace(layout.running, json.dumps(facts))
    layout.port.write_text(str(facts["port"]), encoding="utf-8")


async def replay(progress: Callable[[], tuple[int, int]], path: Path) -> None:
    """Reports how many executions of how many have run again, until all of them have."""
    try:
        while (now := progress())[0] < now[1]:
            with contextlib.suppress(OSError):
                _replace(path, f"{now[0]} {now[1]}")
            await asyncio.sleep(_REPLAY_SECONDS)
    finally:
        path.unlink(missing_ok=True)


def stopping(layout: Layout, step: str) -> None:
    """Reports the current step of the shutdown."""
    with contextlib.suppress(OSError):  # a full disk must not stop the shutdown
        layout.stopping.write_text(step, encoding="utf-8")


def _replace(path: Path, text: str) -> None:
    """Writes a file in one step, so that no command reads a part of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
