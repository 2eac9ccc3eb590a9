"""Runs scenarios of state machines in LocalStack's interpreter: reads them from a file, prints outcomes.

Nothing is served or called: the scenarios have the services' answers. Where the interpreter waits, a clock
moves on.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any, Self

# Else LocalStack looks for a Docker network when it is imported, and may report events to its makers.
os.environ.update(DOCKER_BRIDGE_IP="127.0.0.1", DISABLE_EVENTS="1")

from localstack.aws.api.stepfunctions import HistoryEventType, StateMachineType
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.evaluation_details import AWSExecutionDetails
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.eval.event.event_manager import EventHistoryContext
from localstack.services.stepfunctions.asl.eval.program_state import ProgramEnded
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.local_mocking.mock_config import LocalMockedResponseReturn

_STATE_BYTES = 262_144


class _Clock:
    """Moves on where others sleep, and ends an execution whose time is over."""

    def begin(self, environment: Environment, seconds: float) -> None:
        self.now, self._end, self._environment = 0.0, seconds, environment

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now = min(self.now + seconds, self._end)
        if self.is_over:
            self._environment.set_timed_out()

    @property
    def is_over(self) -> bool:
        return self.now >= self._end


CLOCK = _Clock()


class _Skipping(threading.Event):
    """What a Wait state waits for, on the clock."""

    def wait(self, timeout: float | None = None) -> bool:
        CLOCK.sleep(timeout or 0)
        return self.is_set()


class _Services:
    """Answers the tasks of one execution, and keeps what they asked."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self._left: dict[str, list[dict[str, Any]]] = scenario["answers"]
        self.calls: list[tuple[str, Any]] = []
        self.moments: list[float] = []

    def answer(self, action: str, request: Any, limit: float) -> dict[str, Any]:
        # This interpreter does not look at the size of a state's effective input.
        if len(json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode()) > _STATE_BYTES:
            return {"error": "States.DataLimitExceeded", "cause": "too large"}
        self.calls.append((action, request))
        self.moments.append(round(CLOCK.now, 3))
        left = self._left[action]
        answer = left.pop(0) if left[1:] else left[0]
        seconds = answer.get("seconds", 0)
        CLOCK.sleep(min(seconds, limit))
        if seconds >= limit:
            return {"error": "States.Timeout", "cause": ""}
        if "result" in answer and action == "invoke":
            return {"result": {"StatusCode": 200, "Payload": answer["result"]}}
        return answer


class _Scripted(Environment):  # type: ignore[misc]  # LocalStack is in an environment of its own
    """An execution, or a frame of it, whose tasks are answered by `services`."""

    services: _Services

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.program_state_event = _Skipping()

    @classmethod
    def as_inner_frame_of(cls, env: Self, *arguments: Any, **options: Any) -> Self:
        frame: Self = super().as_inner_frame_of(env, *arguments, **options)
        frame.services = env.services
        return frame

    def is_local_mocked_mode(self) -> bool:
        return True

    def get_current_local_mocked_response(self) -> LocalMockedResponseReturn:
        answer = self.services.answer(*self._task())
        if "error" in answer:
            raise FailureEventException(_failure(self, answer["error"], answer["cause"]))
        return LocalMockedResponseReturn(0, 0, answer["result"])

    def _task(self) -> tuple[str, Any, float]:
        """The action, the parameters and the time limit of the task that this frame runs, by the history."""
        events = {event["id"]: event for event in self.event_manager.get_event_history()}
        event = events[self.event_history_context.source_event_id]
        while event["type"] != HistoryEventType.TaskScheduled:
            event = events[event["previousEventId"]]
        details = event["taskScheduledEventDetails"]
        limit = details.get("timeoutInSeconds", math.inf)
        return details["resource"], json.loads(details["parameters"]), limit


def _failure(environment: Environment, error: str, cause: str) -> FailureEvent:
    details = EventDetails(taskFailedEventDetails={"error": error, "cause": cause})
    own = StatesErrorName.from_name(error) if error.startswith("States.") else CustomErrorName(error)
    return FailureEvent(environment, own, HistoryEventType.TaskFailed, details)


@cache
def _parsed(definition: str) -> Any:
    program, _ = AmazonStateLanguageParser.parse(definition)
    return program


def run(definition: dict[str, Any], execution: dict[str, Any], scenario: dict[str, Any]) -> dict[str, Any]:
    """Runs a scenario, and returns its output or error, states, calls, and the moments of the calls."""
    program = _parsed(json.dumps(definition))
    execution = {**execution, "Input": scenario["request"], "RoleArn": "r"}
    environment = _Scripted(
        aws_execution_details=AWSExecutionDetails("000000000000", "us-east-1", "r"),
        execution_type=StateMachineType.EXPRESS,
        context={"Execution": execution, "StateMachine": {"Id": "m", "Name": "m"}},
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    environment.services = services = _Services(scenario)
    CLOCK.begin(environment, definition.get("TimeoutSeconds", math.inf))
    program.eval(environment)
    return {
        **_end(environment),
        "states": _entered(environment, definition),
        "calls": services.calls,
        "moments": [*services.moments, round(CLOCK.now, 3)],
    }


def _end(environment: Environment) -> dict[str, Any]:
    ended = environment.program_state()
    if CLOCK.is_over:
        return {"error": "States.Timeout"}
    if isinstance(ended, ProgramEnded):
        return {"output": environment.states.get_input()}
    return {"error": ended.error["error"]}


def _entered(environment: Environment, definition: dict[str, Any]) -> list[str]:
    """The names of the states that were entered, but for those of a Map's iterations."""
    details = [
        event.get("stateEnteredEventDetails") for event in environment.event_manager.get_event_history()
    ]
    names = [each["name"] for each in details if each]
    return [name for name in names if name in definition["States"]]


if __name__ == "__main__":
    vars(time).update(sleep=CLOCK.sleep, time=CLOCK.time)
    given = json.loads(Path(sys.argv[1]).read_text())
    outcomes = {
        name: run(given["definitions"][scenario["machine"]], given["execution"], scenario)
        for name, scenario in given["scenarios"].items()
    }
    print(json.dumps(outcomes))
