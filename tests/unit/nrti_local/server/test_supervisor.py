"""A child process is notified by its parent, and ends with it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from nrti_local.server.processes.supervisor import Child
from tests.waiting import eventually

#: Creates a file when it runs, and one when it is notified.
_PROGRAM = """\
import pathlib, time
from nrti_local.server.processes.lifeline import end_with_parent
here = pathlib.Path(__file__)
end_with_parent(here.with_name("notified").touch)
here.with_name("running").touch()
time.sleep(60)
"""


def test_a_child_is_notified(tmp_path: Path) -> None:
    (tmp_path / "answering.py").write_text(_PROGRAM)

    async def call() -> None:
        child = Child("answering", {"PYTHONPATH": str(tmp_path)})
        child.start()
        try:
            await asyncio.to_thread(eventually, (tmp_path / "running").exists)
            assert not (tmp_path / "notified").exists()
            await asyncio.to_thread(child.notify)
            await asyncio.to_thread(eventually, (tmp_path / "notified").exists)
        finally:
            await child.stop()
        child.notify()  # without effect

    asyncio.run(call())


def test_a_child_ends_when_no_process_holds_its_stdin_any_more(tmp_path: Path) -> None:
    (tmp_path / "answering.py").write_text(_PROGRAM)

    with subprocess.Popen([sys.executable, tmp_path / "answering.py"], stdin=subprocess.PIPE) as child:
        eventually((tmp_path / "running").exists)
        assert child.stdin
        child.stdin.close()

        assert child.wait(timeout=30) == 0
