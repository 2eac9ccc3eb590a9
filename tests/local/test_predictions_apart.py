"""A prediction belongs to an event and a model, and keeps the version that made it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.waiting import eventually

COUNT = 60


def artifact(deployed: Pipeline, model: str) -> str:
    client = deployed.target.client("sagemaker")
    config = client.describe_endpoint(EndpointName=f"nrti-{model}")["EndpointConfigName"]
    variant = client.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]
    return str(client.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]["ModelDataUrl"])


@pytest.fixture(scope="module")
def second(deployed: Pipeline, nrti: Nrti) -> str:
    """Another model of the same sequences."""
    done = nrti("deploy-model", "--name", "apart", "--artifact", artifact(deployed, "failure-v1"))
    assert done.returncode == 0, done.stderr
    return "apart"


def produce(nrti: Nrti, model: str, file: Path, *options: str) -> Path:
    """Sends a file to a model; returns the ledger."""
    ledger = file.with_name(f"{model}.ledger")
    done = nrti(
        *("produce", "--model", model, "--input", str(file), "--ledger", str(ledger), "--wait"),
        *("--rate", "400", "--batch", "20", *options),
    )
    assert done.returncode == 0, done.stderr
    return ledger


def verify(nrti: Nrti, ledger: Path, wait: str = "20s") -> tuple[int, dict[str, Any]]:
    done = nrti("verify", "--ledger", str(ledger), "--format", "json", "--wait", wait)
    return done.returncode, json.loads(done.stdout)


def of_model(items: list[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    return [item for item in items if item["model"]["S"] == model]


def test_two_models_keep_a_prediction_each_of_the_same_events(
    deployed: Pipeline, nrti: Nrti, second: str, sensor: str, tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "sensor", "timestamp", "a", "b", "c"])
        writer.writerows([f"e{n}", sensor, 1_795_000_000_000 + n, n, 99 - n, n] for n in range(COUNT))

    ledgers = {model: produce(nrti, model, file) for model in ("failure-v1", second)}

    items = deployed.items(sensor)
    assert {model: len(of_model(items, model)) for model in ledgers} == {"failure-v1": COUNT, second: COUNT}
    for ledger in ledgers.values():
        code, found = verify(nrti, ledger)
        assert (code, found["stored"], found["delivered"], found["duplicates"]) == (0, COUNT, COUNT, 0)
    lost = of_model(items, second)[7]
    deployed.target.client("dynamodb").delete_item(
        TableName=deployed.stack.table, Key={name: lost[name] for name in ("sensor", "event_key")}
    )

    code, found = verify(nrti, ledgers[second], wait="100ms")

    assert (code, found["missing"]) == (1, 1)
    assert [(each["event_id"], each["missing_in"]) for each in found["missing_events"]] == [("e7", "table")]
    assert verify(nrti, ledgers["failure-v1"])[0] == 0


def test_a_new_version_rescores_what_the_sender_wants_and_nothing_else(
    deployed: Pipeline, nrti: Nrti, second: str, sensor: str, tmp_path: Path
) -> None:
    file = tmp_path / "event.jsonl"
    file.write_text(
        json.dumps({**event(sensor), "event_id": "e", "timestamp": 1_795_000_000_000, "model": second})
    )
    produce(nrti, second, file)
    (first,) = deployed.items(sensor)
    done = nrti(
        "deploy-model", "--name", second, "--memory", "3072", "--artifact", artifact(deployed, second)
    )
    assert done.returncode == 0, done.stderr

    again = json.loads(nrti("produce", "--input", str(file), "--wait").stdout)

    assert deployed.items(sensor) == [first]
    assert (again["version"], again["predicted_at"]) == (
        first["version"]["S"],
        int(first["predicted_at"]["N"]),
    )
    ledger = produce(nrti, second, file, "--rescore")
    kept, rescored = deployed.items(sensor)
    assert kept == first
    assert rescored["version"]["S"] > first["version"]["S"]
    code, found = verify(nrti, ledger)
    assert (code, found["stored"], found["delivered"], found["duplicates"]) == (0, 2, 2, 0)
    assert len(eventually(lambda: deployed.rows(sensor), lambda rows: len(rows) == 2)) == 2
