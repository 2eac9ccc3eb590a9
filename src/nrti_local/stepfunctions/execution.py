"""An execution of an EXPRESS state machine, from its start to its end."""

from __future__ import annotations

import json
import logging
import math
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso

from nrti_local.cloudwatch import logs, metrics
from nrti_local.durability.journal import Entry
from nrti_local.stepfunctions import handover, tasks
from nrti_local.stepfunctions.asl.context import Environment
from nrti_local.stepfunctions.asl.errors import RUNTIME, StateError
from nrti_local.stepfunctions.asl.limits import serialize
from nrti_local.stepfunctions.asl.machine import ExecutionTimeoutError, machine
from nrti_local.stepfunctions.asl.state import UnsupportedError
from nrti_local.stepfunctions.history import History
from nrti_local.stepfunctions.lanes import lane
from nrti_local.stepfunctions.machines import Machine

_logger = logging.getLogger(__name__)

_SUCCEEDED, _FAILED, _TIMED_OUT = "SUCCEEDED", "FAILED", "TIMED_OUT"
#: Each outcome's metric.
_METRICS = {_SUCCEEDED: "ExecutionsSucceeded", _FAILED: "ExecutionsFailed", _TIMED_OUT: "ExecutionsTimedOut"}
#: Each outcome's event in the history.
_EVENTS = {_SUCCEEDED: "ExecutionSucceeded", _FAILED: "ExecutionFailed", _TIMED_OUT: "ExecutionTimedOut"}
#: What an execution is billed for at least, and in steps of what.
_BILLED_MB, _BILLED_MILLISECONDS = 64, 100


@dataclass
class Execution:
    """An execution and its outcome.

    Attributes:
        machine: what it runs.
        entry: what the journal has of it.
        status: `RUNNING`, and then how it ended.
        output: of one that succeeded, as JSON.
        failure: the error and the cause of another.
        stopped: when it ended, in ISO 8601.
        milliseconds: how long it took.
    """

    machine: Machine
    entry: Entry
    status: str = "RUNNING"
    output: str = ""
    failure: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    milliseconds: float = 0

    async def run(self) -> None:
        """Runs the execution and reports its outcome to the log and the metrics."""
        began, history = time.perf_counter(), History(self.machine, self.entry.execution)
        role = self.machine.description["roleArn"]
        history.add("ExecutionStarted", 0, {"input": self.entry.input, "roleArn": role})
        try:
            self.output = await self._output(history)
            self.status = _SUCCEEDED
        except ExecutionTimeoutError as error:
            self._fail(_TIMED_OUT, error)
        except StateError as error:
            self._fail(_FAILED, error)
        except Exception as error:
            _logger.exception("execution %s", self.entry.execution)
            self._fail(_FAILED, StateError(RUNTIME, str(error)))
        self.stopped = now_iso()
        self.milliseconds = (time.perf_counter() - began) * 1000
        self._report(history)

    async def _output(self, history: History) -> str:
        paused = lane(nested=self.entry.nested).scheduler.paused
        environment = Environment(tasks.invoke, paused, history.add if history.is_wanted else None)
        try:
            compiled = machine(self.machine.description["definition"])
        except UnsupportedError:
            return await handover.run(self.machine, self.entry, paused)
        given = json.loads(self.entry.input)
        size = len(self.entry.input.encode("utf-8", "surrogatepass"))
        output = await compiled.run(given, self._context(given), environment, size)
        return serialize(output)

    def _context(self, given: Any) -> dict[str, Any]:
        return {
            "Execution": {
                "Id": self.entry.execution,
                "Input": given,
                "Name": self.entry.name,
                "RoleArn": self.machine.description["roleArn"],
                "StartTime": now_iso(),  # that of this run, if a restart of the server runs it again
            },
            "StateMachine": {"Id": self.machine.arn, "Name": self.machine.name},
        }

    def _fail(self, status: str, error: StateError) -> None:
        self.status = status
        self.failure = {"error": error.error, "cause": error.cause}

    def _report(self, history: History) -> None:
        if self.failure:
            error, cause = self.failure["error"], self.failure["cause"]
            _logger.warning("%s failed: %s: %s", self.entry.execution, error, cause)
        details = self.failure or {"output": self.output}
        history.add(_EVENTS[self.status], history.last, details)
        logs.execution(self.machine.description, history.lines)
        values = [
            (_METRICS[status], int(self.status == status), "Count")
            for status in (_SUCCEEDED, _FAILED, _TIMED_OUT)
            if status != _TIMED_OUT or self.status == status
        ]
        count(self.machine, *values, ("ExecutionTime", self.milliseconds, "Milliseconds"))

    def described(self) -> dict[str, Any]:
        """Describes it as StartSyncExecution answers."""
        entry = self.entry
        billed = max(1, math.ceil(self.milliseconds / _BILLED_MILLISECONDS)) * _BILLED_MILLISECONDS
        answer = {
            "executionArn": entry.execution,
            "stateMachineArn": entry.machine,
            "name": entry.name,
            "status": self.status,
            "startDate": seconds(entry.started),
            "stopDate": seconds(self.stopped),
            "input": entry.input,
            "inputDetails": {"included": True},
            "outputDetails": {"included": True},
            "billingDetails": {
                "billedMemoryUsedInMB": _BILLED_MB,
                "billedDurationInMilliseconds": billed,
            },
            **self.failure,
        }
        return answer if self.failure else {**answer, "output": self.output}


def begin(machine: Machine, request: dict[str, Any], *, nested: bool = False) -> Entry:
    """Makes the journal entry of an execution that a request or another execution starts, and counts it."""
    count(machine, ("ExecutionsStarted", 1, "Count"))
    account, region, name = get_account_id(), get_region(), request.get("name") or new_uuid()
    arn = f"arn:aws:states:{region}:{account}:express:{machine.name}:{name}:{new_uuid()}"
    return Entry(account, region, machine.runs, arn, name, now_iso(), request.get("input", "{}"), nested)


def count(machine: Machine, *values: tuple[str, float, str]) -> None:
    """Adds to the metrics of a state machine: names, values and units."""
    metrics.add_all("AWS/States", values, {"StateMachineArn": machine.arn})


def seconds(moment: str) -> float:
    """A moment in ISO 8601 as seconds since 1970, which the API answers with."""
    return datetime.fromisoformat(moment).timestamp()
