"""A file as a plant has it: windows of a machine's temperature, and events for two models at once."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.waiting import eventually

ROWS = 22_000
LENGTH = 8


def _window(chance: random.Random, *, overheats: bool) -> list[float]:
    """Eight readings around a working temperature; an overheating machine climbs towards the end."""
    base = chance.gauss(70, 3)
    climb = chance.uniform(1.5, 4) if overheats else chance.gauss(0, 0.3)
    return [round(base + climb * step + chance.gauss(0, 0.8), 3) for step in range(LENGTH)]


@pytest.fixture(scope="module")
def temperatures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plant") / "temperature.csv"
    chance = random.Random(7)  # noqa: S311 (data, not secrets)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "timestamp", *(f"t{step}" for step in range(LENGTH)), "event"])
        for row in range(ROWS):
            overheats = row % 10 == 0
            writer.writerow(
                [
                    row,
                    f"2026-11-01T00:{row % 60:02}:00Z",
                    *_window(chance, overheats=overheats),
                    int(overheats),
                ]
            )
    return path


def _stored(target: Target, sensor: str) -> list[dict[str, Any]]:
    answer = target.client("dynamodb").query(
        TableName=outputs(target).table,
        KeyConditionExpression="sensor = :s",
        ExpressionAttributeValues={":s": {"S": sensor}},
    )
    items: list[dict[str, Any]] = answer["Items"]
    return items


def test_it_trains_publishes_and_judges_beside_another_model(
    pipeline: Target, model: str, nrti: Nrti, temperatures: Path, tmp_path: Path
) -> None:
    trained = nrti("train", "--name", "temperature", "--data", str(temperatures))
    assert trained.returncode == 0, trained.stderr
    chance = random.Random(8)  # noqa: S311
    events = []
    for number in range(40):
        overheats = number % 2 == 0
        events += [
            {"sensor": "oven", "model": "temperature", "event_id": f"oven-{number}-{overheats}",
             "data": _window(chance, overheats=overheats)},
            {"sensor": "robot", "model": model, "event_id": f"robot-{number}", "data": [1, 99, 2]},
        ]  # fmt: skip
    interleaved = tmp_path / "events.jsonl"
    interleaved.write_text("".join(json.dumps(event) + "\n" for event in events))

    produced = nrti("produce", "--rate", "200", "--batch", "10", "--input", str(interleaved))

    assert produced.returncode == 0, produced.stderr
    robots, ovens = eventually(
        lambda: (_stored(pipeline, "robot"), _stored(pipeline, "oven")),
        lambda stored: sum(map(len, stored)) >= len(events),
    )
    assert {item["model"]["S"] for item in robots} == {model}
    assert {item["prediction"]["N"] for item in robots} == {"1"}
    assert {item["model"]["S"] for item in ovens} == {"temperature"}
    right = [
        item for item in ovens if (item["prediction"]["N"] == "1") == item["event_id"]["S"].endswith("True")
    ]
    assert len(right) >= 36
