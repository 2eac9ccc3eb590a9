"""What the commands for a stack report with --format json; test_documents.py has the others."""

from __future__ import annotations

import json
import subprocess
from typing import Any

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
