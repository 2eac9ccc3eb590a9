"""The embedded AWS that the judges look at; `make test-clients` and its siblings run them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from tests.clients import node
from tests.clients.interpreters import INTERPRETERS, Interpreter
from tests.clients.simulator import Asked, Simulator, Verdict, question, verdicts
from tests.clients.venv import Venv
from tests.local.conftest import embedded, nrti, nrti_home, pipeline  # noqa: F401 (fixtures)
from tests.policies import Policy
from tests.rendered import Place


@pytest.fixture(scope="session")
def clients() -> Venv:
    """Where the clients and moto are."""
    return Venv.of("clients")


@pytest.fixture(scope="session")
def toolkit() -> Venv:
    """Where AWS's toolkit is."""
    return Venv.of("toolkit")


@pytest.fixture(scope="session")
def simulate(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """IAM by iam-simulate."""
    node.require("@cloud-copilot/iam-simulate", "judge-policies")
    directory = tmp_path_factory.mktemp("iam")

    def ask(documents: Mapping[str, Policy], asked: Sequence[Asked], place: Place) -> list[Verdict]:
        (directory / "question.json").write_text(json.dumps(question(documents, asked, place)))
        return verdicts(json.loads(node.run(directory, "simulate_policies.mjs", "question.json")))

    return ask


@pytest.fixture(scope="module", params=INTERPRETERS)
def interpreter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    """Each of the other interpreters of state machines."""
    return Interpreter(request.param, tmp_path_factory.mktemp("scenarios"))
