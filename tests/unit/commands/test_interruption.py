from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from nrti_cli.commands.interruption import Interruption
from nrti_cli.errors import ExitStatus, NrtiError
from tests.waiting import eventually

_SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", _SIGNALS)
def test_a_signal_ends_the_program_that_runs_before_it_is_handled(number: int, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = (
        f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )

    def interrupt() -> None:
        eventually(lambda: mark.exists() and mark.read_text())
        os.kill(os.getpid(), number)

    with Interruption(patience=0.05) as interruption:
        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(NrtiError) as raised:
            interruption.run([sys.executable, "-c", script], os.environ)

    assert raised.value.exit_status is ExitStatus.INTERRUPTED
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_nothing_is_begun_after_a_signal_and_no_cleanup_is_cut_short() -> None:
    with Interruption() as interruption:
        for number in _SIGNALS:
            os.kill(os.getpid(), number)
        with pytest.raises(NrtiError):
            interruption.run(["a program that does not exist"], {})
        with pytest.raises(NrtiError):
            interruption.sleep(60)


def test_a_signal_that_is_ignored_goes_on_being_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interruption.run([sys.executable, "-c", "raise SystemExit(3)"], os.environ) == 3
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
