"""What commands that do something report with --format json, as docs/json.md has it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline
from tests.local.own import Own


def report(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_a_stack_from_its_plan_to_its_end(own: Own) -> None:
    planned = report(own.nrti("bootstrap", "--plan", "--format", "json"))
    assert planned["stack"] == "nrti"
    assert {"action": "Add", "logical_id": "Table", "type": "AWS::DynamoDB::Table"}.items() <= next(
        change for change in planned["changes"] if change["logical_id"] == "Table"
    ).items()

    made = report(own.nrti("bootstrap", "--format", "json"))
    again = report(own.nrti("bootstrap", "--format", "json"))

    assert (made["done"], again["done"]) == ("created", "nothing")
    assert made["events_url"].endswith("/events")
    assert made["table"] == "nrti-predictions"
    running = report(own.nrti("local", "status", "--format", "json"))
    assert (running["running"], running["endpoint"]) == (True, made["events_url"].partition("/restapis")[0])
    listed = report(own.nrti("teardown", "--dry-run", "--format", "json"))
    gone = report(own.nrti("teardown", "--yes", "--format", "json"))
    assert (listed["deleted"], gone["deleted"], gone["embedded_aws"]) == (False, True, True)
    assert "nrti-predictions" in gone["resources"]
    assert report(own.nrti("local", "status", "--format", "json"), code=1)["running"] is False


def test_a_model_and_a_run(deployed: Pipeline, nrti: Nrti) -> None:  # noqa: ARG001 (the stack must be there)
    trained = report(nrti("train", "--name", "reported", "--rows", "2000", "--format", "json"))
    assert (
        trained["publication"]
        == {
            "endpoint": "nrti-reported",
            "source": trained["job"],
            "changed": True,
        }
        | trained["publication"]
    )
    assert 0 <= trained["evaluation"]["f1"] <= 1
    same = report(nrti("deploy-model", "--name", "reported", "--format", "json"))
    assert (same["source"], same["changed"]) == (trained["job"], False)

    done = nrti("produce", "--model", "reported", "--rate", "200", "--count", "30", "--format", "json")

    totals = report(done)
    assert (totals["sent"], totals["accepted"], totals["failures"]) == (30, 30, None)
    assert 0 < totals["latency"]["p50"] <= totals["latency"]["max"]
