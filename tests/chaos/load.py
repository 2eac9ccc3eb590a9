"""Events, sent as a user sends them: by `nrti produce`, in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nrti_cli.durations import parse_duration
from tests.chaos.system import System
from tests.local.own import MODEL
from tests.waiting import eventually

#: Events a second, where nothing else is said.
RATE = 100
_END_SECONDS = 120.0


@dataclass(frozen=True)
class Totals:
    """How a run went.

    Attributes:
        sent: events that were sent at least once.
        accepted: those of them that were answered 202.
        p99: of the seconds from when an event was due to when it was accepted.
    """

    sent: int
    accepted: int
    p99: float


@dataclass(frozen=True)
class Load:
    """A running producer.

    Attributes:
        system: that it sends to.
        process: of the producer.
        ledger: where it notes what was accepted.
        unsent: where it notes what was finally not.
        log: what it says.
    """

    system: System
    process: subprocess.Popen[str]
    ledger: Path
    unsent: Path
    log: Path

    @classmethod
    def start(cls, system: System, *options: str, rate: float = RATE, name: str = "load") -> Load:
        """Starts a producer that sends until it is stopped.

        Args:
            system: that it sends to; its home directory takes the files.
            options: of `nrti produce`; later ones win over those of this class.
            rate: events a second.
            name: of the files.
        """
        ledger, unsent, log = (system.home / f"{name}.{kind}" for kind in ("ledger", "unsent", "log"))
        produce = ("produce", "--rate", f"{rate}", "--model", MODEL, "--retry-for", "90s")
        files = ("--ledger", str(ledger), "--unsent", str(unsent))
        with log.open("ab") as said:
            process = system.begin(*produce, *files, *options, stdout=said, stderr=said)
        return cls(system, process, ledger, unsent, log)

    def stop(self) -> Totals:
        """Ends it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return self.wait(_END_SECONDS)

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self.process.kill()
        self.process.wait()

    def wait(self, seconds: float) -> Totals:
        """Waits for its end.

        Raises:
            subprocess.TimeoutExpired: it does not end in time.
        """
        self.process.wait(seconds)
        said = self.log.read_text()
        counts = re.findall(r"([\d,]+) sent, ([\d,]+) accepted", said)
        assert counts, said
        sent, accepted = (int(count.replace(",", "")) for count in counts[-1])
        p99 = re.findall(r"p99 ([\d.]+ m?s)", said)
        return Totals(sent, accepted, parse_duration(p99[-1]) if p99 else 0.0)

    @property
    def accepted(self) -> int:
        """How many events have been accepted so far, by the ledger."""
        return self.ledger.read_bytes().count(b"\n") if self.ledger.exists() else 0

    @property
    def setbacks(self) -> list[str]:
        """Why requests were sent again so far, such as `429 Too Many Requests`: each reason once."""
        return re.findall(r"retrying: (.*)", self.log.read_text())

    def await_accepted(self, more: int) -> None:
        """Waits until so many more events have been accepted than have been by now."""
        goal = self.accepted + more
        eventually(lambda: self.accepted, lambda accepted: accepted >= goal, seconds=60)

    def verified(self) -> dict[str, Any]:
        """Has `nrti verify` look for each event that was accepted.

        Returns:
            Its account: of the accepted events, none is missing, none is shown twice, and all that are stored
            are in the lake; some may be dead-lettered.
        """
        account: dict[str, Any] = json.loads(
            self.system.does("verify", "--ledger", str(self.ledger), "--format", "json", "--wait", "90s")
        )
        assert account["accepted"] > 0
        assert account["accepted"] == account["stored"] + account["dead"], account
        return account
