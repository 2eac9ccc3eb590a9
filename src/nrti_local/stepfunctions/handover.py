"""Hands executions to ministack's interpreter: those with JSONata, variables, or a distributed map."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ministack.services import stepfunctions

from nrti_local.durability.journal import Entry
from nrti_local.server.shared.ask import OWN
from nrti_local.stepfunctions.asl.context import Paused
from nrti_local.stepfunctions.asl.errors import RUNTIME, StateError
from nrti_local.stepfunctions.asl.machine import EXPRESS_SECONDS, ExecutionTimeoutError
from nrti_local.stepfunctions.machines import Machine


async def run(machine: Machine, entry: Entry, paused: Paused) -> str:
    """Runs an execution and returns its output as JSON.

    A version runs by the definition that the state machine has now: ministack runs no other.

    Args:
        machine: what it runs.
        entry: what the journal has of it.
        paused: wraps the wait for its end.

    Raises:
        ExecutionTimeoutError: it took longer than it may.
        StateError: it failed.
    """
    request = {
        "stateMachineArn": machine.arn,
        "name": entry.execution.rpartition(":")[2],
        "input": entry.input,
    }
    longest = json.loads(machine.description["definition"]).get("TimeoutSeconds", EXPRESS_SECONDS)
    seconds = min(longest, EXPRESS_SECONDS)
    async with paused():  # ministack runs it in a thread of its own, for as long as it takes
        try:
            answer = await asyncio.wait_for(ask("StartSyncExecution", request), seconds)
        except TimeoutError:
            raise ExecutionTimeoutError(seconds) from None
    if answer.get("status") == "SUCCEEDED":
        return str(answer["output"])
    raise StateError(answer.get("error", RUNTIME), answer.get("cause") or answer.get("message", ""))


async def ask(action: str, request: dict[str, Any]) -> Any:
    """Has ministack's Step Functions answer a request of this account and region; errors have `__type`."""
    headers = {**OWN, "x-amz-target": f"AWSStepFunctions.{action}"}
    _, _, body = await stepfunctions.handle_request("POST", "/", headers, json.dumps(request).encode(), {})
    return json.loads(body)
