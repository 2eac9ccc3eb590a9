"""The names that a shell completes, as the embedded AWS has them."""

from __future__ import annotations

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.completion.lookups import Kind, look
from tests.local.deployed import Pipeline
from tests.waiting import eventually

OPTIONS = {"target": None, "stack": None, "region": None, "profile": None}


@pytest.mark.parametrize(
    ("kind", "has"), [("models", "failure-v1"), ("stacks", "nrti"), ("regions", "eu-west-1")]
)
def test_what_there_is_is_offered(pipeline: Target, model: str, kind: Kind, has: str) -> None:  # noqa: ARG001
    assert has in look(kind, OPTIONS)


def test_training_jobs_of_the_stack_are_offered(pipeline: Target, model: str) -> None:
    names = look("jobs", OPTIONS)

    assert any(name.startswith(f"{pipeline.stack}-{model}-") for name in names)
    assert all(name.startswith(f"{pipeline.stack}-") for name in names)


def test_sensors_that_have_sent_something_are_offered(deployed: Pipeline, sensor: str, model: str) -> None:
    deployed.send({"sensor": sensor, "model": model, "data": [1, 2, 3]})

    eventually(lambda: look("sensors", OPTIONS), lambda names: sensor in names)
