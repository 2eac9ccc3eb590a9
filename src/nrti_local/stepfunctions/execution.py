"""One execution of an EXPRESS workflow, from its begin to its end."""

from __future__ import annotations

import json
import logging
import time
from functools import lru_cache
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import stepfunctions

from nrti_local.cloudwatch import logs, metrics
from nrti_local.durability.journal import Entry
from nrti_local.stepfunctions.workflow import walk

_logger = logging.getLogger(__name__)


def begin(machine: dict[str, Any], data: dict[str, Any]) -> Entry:
    """Makes what is to be remembered of an execution that a request starts."""
    _count(machine, ("ExecutionsStarted", 1, "Count"))
    account, region, name = get_account_id(), get_region(), data.get("name") or new_uuid()
    arn = f"arn:aws:states:{region}:{account}:express:{machine['name']}:{name}:{new_uuid()}"
    return Entry(account, region, machine["stateMachineArn"], arn, name, now_iso(), data.get("input", "{}"))


def record(entry: Entry) -> dict[str, Any]:
    """Makes the record of an execution that has not run yet."""
    return {
        "executionArn": entry.execution,
        "stateMachineArn": entry.machine,
        "name": entry.name,
        "status": "RUNNING",
        "startDate": entry.started,
        "input": entry.input,
        "inputDetails": {"included": True},
        "outputDetails": {"included": True},
        "events": [],
    }


async def run(machine: dict[str, Any], execution: dict[str, Any]) -> None:
    """Walks through the states; what came of it is in the execution afterwards."""
    began = time.perf_counter()
    try:
        execution["output"] = json.dumps(await _walk(machine, execution))
        execution["status"] = "SUCCEEDED"
    except stepfunctions._ExecutionError as error:  # noqa: SLF001
        execution.update(status="FAILED", error=error.error, cause=error.cause)
    except Exception as error:
        _logger.exception("execution %s", execution["executionArn"])
        execution.update(status="FAILED", error="States.Runtime", cause=str(error))
    execution["stopDate"] = now_iso()
    failed = execution["status"] == "FAILED"
    if failed:
        _logger.warning(
            "%s failed: %s: %s", execution["executionArn"], execution["error"], execution["cause"]
        )
        logs.failed_execution(machine, execution)
    milliseconds = (time.perf_counter() - began) * 1000
    _count(
        machine,
        ("ExecutionsSucceeded", int(not failed), "Count"),
        ("ExecutionsFailed", int(failed), "Count"),
        ("ExecutionTime", milliseconds, "Milliseconds"),
    )


def _count(machine: dict[str, Any], *values: tuple[str, float, str]) -> None:
    metrics.add_all("AWS/States", values, {"StateMachineArn": machine["stateMachineArn"]})


async def _walk(machine: dict[str, Any], execution: dict[str, Any]) -> Any:
    definition = _definition(machine["definition"])
    given = json.loads(execution["input"])
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": given,
            "Name": execution["name"],
            "RoleArn": machine["roleArn"],
            "StartTime": execution["startDate"],
        },
        "StateMachine": {"Id": machine["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    return await walk(definition["States"], definition["StartAt"], given, execution, context)


@lru_cache(maxsize=32)
def _definition(text: str) -> Any:
    return json.loads(text)
