"""What comes of a scenario, in a form that other interpreters give as well."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from nrti_local.stepfunctions.asl.context import Environment
from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.machine import Machine
from tests import virtual_time
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import context

Definition = dict[str, Any]

_RANDOM = re.compile(r"States\.MathRandom\(1, (.+)\)$")


def without_chance(definition: Definition) -> Definition:
    """The machine with the longest of all pauses that it may make at random."""

    def settle(member: dict[str, Any]) -> dict[str, Any]:
        if "JitterStrategy" in member:
            member["JitterStrategy"] = "NONE"
        for name, value in member.items():
            if isinstance(value, str) and (found := _RANDOM.match(value)):
                member[name] = found[1]
        return member

    settled: Definition = json.loads(json.dumps(definition), object_hook=settle)
    return settled


class _Visits(dict[str, Any]):
    """A context object that keeps the names of the states that were entered, except in a Map's iterations."""

    def __init__(self, request: Any) -> None:
        super().__init__(context(request))
        self.names: list[str] = []

    def __setitem__(self, name: str, value: Any) -> None:
        if name == "State" and not value["RetryCount"]:
            self.names.append(value["Name"])
        super().__setitem__(name, value)


def outcome(machine: Machine, scenario: Scenario) -> dict[str, Any]:
    """How the embedded AWS's interpreter ends a scenario.

    Returns:
        The `output` or the `error`, the `states` that it went through, the `calls` that they made, and the
        `moments` of the calls and of the end in seconds.
    """
    services, visits = scenario.services(), _Visits(scenario.request)

    async def run() -> Any:
        try:
            return await machine.run(scenario.request, visits, Environment(services.invoke))
        finally:
            services.moments.append(asyncio.get_running_loop().time())

    ended: dict[str, Any]
    try:
        ended = {"output": virtual_time.run(run())}
    except StateError as error:
        ended = {"error": error.error}
    moments = [round(moment, 3) for moment in services.moments]
    return {
        **ended,
        "states": visits.names,
        "calls": [list(call) for call in services.calls],
        "moments": moments,
    }
