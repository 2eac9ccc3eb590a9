"""Every way through a state machine ends before Step Functions ends the execution, which nothing catches.

The longest way is added up from the definitions: the timeouts of all attempts, the longest pauses between
them, the waits, and the waves of a map. A workflow whose function watches the time begins no work after its
limit; the sum begins there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import ceil, inf
from typing import Any

import pytest

from nrti_cli.assets import asset
from nrti_cli.remote.inference_function import deadline
from nrti_cli.stack.template import parse
from nrti_local.stepfunctions.asl.errors import DATA_LIMIT_EXCEEDED, matches
from nrti_local.stepfunctions.asl.machine import EXPRESS_SECONDS
from tests.unit.workflow import definition

State = dict[str, Any]

#: Seconds that Step Functions itself may take for all of its transitions.
TRANSITIONS = 10
#: Seconds until the function says that it is out of time, or fails before it could: Lambda ends an
#: initialization after ten.
IDLE = 10
#: Seconds of an answer by Lambda that no function has run.
REFUSED = 1
#: How many events or labels a request has at most, and so items of a map: a letter has at least one.
MOST = {"inference": 25, "labels": 100}
#: What only a function raises that has begun its work.
WORKING = {"EndpointBusy", "EndpointUnavailable"}
THROTTLED = "Lambda.TooManyRequestsException"
RESOURCES = parse(asset("cloudformation/pipeline.yaml").read_text())["Resources"]


class Ways:
    """The ways through a machine.

    Args:
        name: of its definition.
    """

    def __init__(self, name: str) -> None:
        self.machine: dict[str, Any] = definition(name)
        self.states: dict[str, State] = self.machine["States"]
        self.most = MOST[name]
        self.after: Callable[[str, int], float] = cache(self._after)

    def _after(self, name: str, spread: int) -> float:
        """The longest that a run takes from the entry of a state on, when no more work begins.

        Args:
            name: of the state.
            spread: the limit of the pause between two rounds, which the definition doubles.
        """
        state = self.states[name]
        if state["Type"] == "Choice":
            return max(self.after(following, spread) for following in _choices(state, spread))
        if state["Type"] in {"Succeed", "Fail"}:
            return 0
        if state["Type"] == "Wait":
            return spread + self.after(state["Next"], spread)
        if state["Type"] == "Pass":
            return self._following(state, 2 * spread if name == "WidenPause" else spread)
        if _watches_the_time(state):
            return self.idle(state) + self._caught(state, "OutOfTime", spread)
        return self._took(state, spread)

    def _took(self, state: State, spread: int) -> float:
        """From the entry of a task or a map on, which may succeed or fail."""
        too_large = self._caught(state, DATA_LIMIT_EXCEEDED, spread)
        most = self.attempts(state) + max(
            self._following(state, spread), self._caught(state, "States.Timeout", spread)
        )
        return max(most, _seconds(state) + too_large)

    def _following(self, state: State, spread: int) -> float:
        return 0 if state.get("End") else self.after(state["Next"], spread)

    def _caught(self, state: State, error: str, spread: int) -> float:
        nexts = [each["Next"] for each in state.get("Catch", []) if matches(each["ErrorEquals"], error)]
        return self.after(nexts[0], spread) if nexts else 0

    def attempts(self, state: State) -> float:
        """The seconds of all attempts at a task or a map."""
        if state["Type"] == "Map":
            branch: dict[str, State] = state["ItemProcessor"]["States"]
            waves: int = ceil(self.most / state["MaxConcurrency"])
            return waves * sum(map(self.attempts, branch.values()))
        count: int = 1 + sum(each["MaxAttempts"] for each in _retriers(state))
        return _seconds(state) * count + sum(map(_pause, _retriers(state)))

    def idle(self, state: State) -> float:
        """The seconds of all attempts at a function that begins no work; the last does not answer."""
        left = [each for each in _retriers(state) if not WORKING & set(each["ErrorEquals"])]
        tried: int = sum(
            each["MaxAttempts"] * (REFUSED if THROTTLED in each["ErrorEquals"] else IDLE) for each in left
        )
        return tried + sum(map(_pause, left)) + _seconds(state)

    def working(self, state: State) -> float:
        """From the begin of the last work on: it succeeds, or fails and is tried again."""
        pause = max((each.get("MaxDelaySeconds", 0) for each in _retriers(state)), default=0)
        again = pause + self.idle(state) + self._caught(state, "OutOfTime", 1)
        caught = max(self._caught(state, error, 1) for error in (*WORKING, "States.Timeout"))
        return _seconds(state) + max(self._following(state, 1), again, caught)


def _choices(state: State, spread: int) -> list[str]:
    """Where a choice may lead; only the rounds are known."""
    (first, *_) = state["Choices"]
    if first.get("Variable") == "$.pause.spread":
        enough = spread >= first["NumericGreaterThanEquals"]
        return [first["Next"] if enough else state["Default"]]
    return [*(choice["Next"] for choice in state["Choices"]), state["Default"]]


def _watches_the_time(state: State) -> bool:
    return "started_at.$" in state.get("Parameters", {}).get("Payload", {})


def _seconds(state: State) -> float:
    """The seconds of one attempt; a map has none of its own."""
    return float(state["TimeoutSeconds"]) if state["Type"] == "Task" else 0


def _retriers(state: State) -> list[Mapping[str, Any]]:
    retriers: list[Mapping[str, Any]] = state.get("Retry", [])
    return retriers


def _pause(retrier: Mapping[str, Any]) -> float:
    """The longest pauses of a retrier, in all."""
    growing = (
        float(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** count)
        for count in range(retrier["MaxAttempts"])
    )
    longest: float = retrier.get("MaxDelaySeconds", inf)
    return sum(min(pause, longest) for pause in growing)


def _tasks(states: Mapping[str, State]) -> Iterator[State]:
    for state in states.values():
        if state["Type"] == "Task":
            yield state
        yield from _tasks(state.get("ItemProcessor", {}).get("States", {}))


@pytest.mark.parametrize("name", ["inference", "labels", "shadow"])
def test_a_machine_and_each_of_its_tasks_have_a_timeout(name: str) -> None:
    machine = definition(name)

    assert machine["TimeoutSeconds"] + TRANSITIONS <= EXPRESS_SECONDS
    assert all(task["TimeoutSeconds"] < machine["TimeoutSeconds"] for task in _tasks(machine["States"]))


def test_events_are_parked_in_time_whenever_the_last_work_begins() -> None:
    ways = Ways("inference")
    watching = [state for state in _tasks(ways.states) if _watches_the_time(state)]

    longest = max(ways.working(state) for state in watching)

    assert len(watching) == 2, "all work of the function is bounded by the time at which it begins"
    assert deadline.LAST_SECONDS + longest <= ways.machine["TimeoutSeconds"]
    assert deadline.LAST_SECONDS + longest > ways.machine["TimeoutSeconds"] - 20, "more work could be begun"


def test_labels_are_parked_in_time() -> None:
    ways = Ways("labels")

    assert ways.after(ways.machine["StartAt"], 1) <= ways.machine["TimeoutSeconds"]


@pytest.mark.parametrize(
    ("machine", "state", "function"),
    [
        ("inference", "Infer", "InferenceFunction"),
        ("labels", "Record", "LabelsFunction"),
        ("shadow", "Score", "ShadowFunction"),
    ],
)
def test_a_task_waits_for_longer_than_its_function_may_take(machine: str, state: str, function: str) -> None:
    seconds = RESOURCES[function]["Properties"]["Timeout"]

    assert seconds < definition(machine)["States"][state]["TimeoutSeconds"] <= seconds + IDLE


def test_the_function_is_lenient_before_it_stops() -> None:
    one_attempt = RESOURCES["InferenceFunction"]["Properties"]["Timeout"]

    assert deadline.LENIENT_SECONDS + one_attempt <= deadline.LAST_SECONDS


@pytest.mark.parametrize(
    ("state", "field", "more"),
    [
        ("Infer", "TimeoutSeconds", 40),
        ("Store", "TimeoutSeconds", 10),
        ("KeepRequest", "TimeoutSeconds", 10),
        ("ParkRejected", "MaxConcurrency", 5),
    ],
)
def test_a_longer_wait_is_noticed(state: str, field: str, more: int) -> None:
    ways = Ways("inference")
    ways.states[state] |= {field: more}

    assert deadline.LAST_SECONDS + ways.working(ways.states["Infer"]) > ways.machine["TimeoutSeconds"]
