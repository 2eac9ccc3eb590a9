"""A model in production, by commands alone: it is trained, its sensors change, and it is replaced.

docs/production.md describes it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.local.own import Own
from tests.local.regimes import Files, write
from tests.unit.remote.alerts.receivers import Receiver
from tests.waiting import eventually

MODEL = "robot"
_ROWS = 600


class Plant:
    """The commands of the story, on an embedded AWS of its own."""

    def __init__(self, own: Own) -> None:
        self._own = own
        self._sent = 0

    def nrti(self, *arguments: str, status: int = 0) -> str:
        """Runs a command to its end; returns what it says."""
        done = self._own.nrti(*arguments)
        assert done.returncode == status, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def report(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        done = self._own.nrti(*arguments, "--format", "json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def send_and_label(self, files: Files) -> None:
        """Sends a file, waits until the lake has it, and labels it by its maintenance log."""
        self.nrti("produce", "--model", MODEL, "--input", str(files.data), "--rate", "1000", "--batch", "25")
        self._sent += 3 * _ROWS
        eventually(lambda: self.quality()["events"], lambda events: events == self._sent)
        self.nrti("label", str(files.log))

    def quality(self) -> dict[str, Any]:
        """The quality of all predictions of the model."""
        found = self.report("quality", "--since", "1h")
        return dict(found[0]) if found else {"events": 0}

    def recalls(self) -> dict[str, float]:
        """The recall of each version."""
        found = self.report("quality", "--since", "1h", "--by", "version")
        return {each["part"]: each["metrics"]["recall"] for each in found}

    def versions(self) -> list[dict[str, Any]]:
        """The versions of the model, newest first."""
        found: list[dict[str, Any]] = self.report("models", "--versions", MODEL)
        return found


@pytest.mark.story
def test_a_model_is_watched_retrained_and_rolled_back(
    own: Own, tmp_path: Path, receiver: Receiver, webhook: str
) -> None:
    plant, now = Plant(own), datetime.now(UTC).replace(microsecond=0)
    before = write(tmp_path, "before", _ROWS, now - timedelta(days=30), seed=1)
    plant.nrti("bootstrap", "--buffer-seconds", "1")
    plant.nrti("train", "--name", MODEL, "--data", str(before.data), "--group", "sensor", "--budget", "2")
    (first,) = plant.versions()
    assert first["metrics"]["recall"] > 0.9

    plant.send_and_label(write(tmp_path, "after", _ROWS, now - timedelta(hours=3), seed=2))

    said = plant.nrti("quality", "--since", "1h", "--fail-under", "recall=0.8", status=1)
    assert f"recall of {MODEL} is 0." in said
    assert "recall" in plant.quality()["broken_promises"]
    plant.nrti("drift", "--model", MODEL, "--since", "1h", status=1)
    plant.nrti("alert", "add", "--recall", "<0.8", "--model", MODEL, "--webhook", webhook)
    eventually(lambda: len(receiver.got), bool, seconds=90)

    plant.nrti("train", "--name", MODEL, "--from-lake", "--if-better", "--budget", "2")
    second = plant.versions()[0]
    assert second["version"] > first["version"]
    assert second["lineage"]["lake_rows"] == 3 * _ROWS
    plant.send_and_label(write(tmp_path, "after", _ROWS, now - timedelta(hours=2), seed=3))
    recalls = plant.recalls()
    assert recalls[first["version"]] < 0.2
    assert recalls[second["version"]] > 0.9
    assert len(receiver.got) == 1, receiver.got

    plant.nrti("train", "--name", MODEL, "--from-lake", "--if-better", "--budget", "2", status=3)
    assert f"to {first['version']}" in plant.nrti("models", "rollback", MODEL)
    assert [each["version"] for each in plant.versions() if each["in_service"]] == [first["version"]]
    plant.nrti("models", "rollback", MODEL, status=1)
