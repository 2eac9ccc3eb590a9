"""The names of the lake's values: of a model without a version, those of its newest training that fits."""

from __future__ import annotations

import json
from typing import Any

from nrti_cli.aws.target import Target
from nrti_cli.models.training.lake_inputs import of_model
from nrti_cli.tables.schema import Schema
from tests.unit.conftest import Stub
from tests.unit.models.conftest import MOMENT
from tests.unit.models.test_artifact import archive, members
from tests.unit.models.test_source import holds
from tests.unit.models.test_training import ARN, describes

JOBS = ("nrti-m-2-20261122160000000", *(f"nrti-m-202611221{hour}0000000" for hour in (5, 4, 3)))


def _trained(stub: Stub, *names: str) -> None:
    about: dict[str, Any] = {"TrainingJobArn": ARN, "CreationTime": MOMENT, "TrainingJobStatus": "Completed"}
    jobs = [{"TrainingJobName": name, **about} for name in names]
    stub("sagemaker").add_response("list_training_jobs", {"TrainingJobSummaries": jobs})


def _left(stub: Stub, job: str, *features: str) -> None:
    """A completed job whose artifact declares inputs; without features, the artifact was deleted."""
    describes(stub("sagemaker"), "Completed", job=job)
    if features:
        signature = {"inputs": {"features": features}}
        content = archive(members(**{"metadata.json": json.dumps({"signature": signature}).encode()}))
        holds(stub("s3"), "b", f"models/{job}/output/model.tar.gz", content)
    else:
        stub("s3").add_client_error("get_object", "NoSuchKey")


def test_the_newest_training_whose_inputs_fit_and_can_be_read(target: Target, stub: Stub) -> None:
    _trained(stub, *JOBS)
    _left(stub, JOBS[1])
    _left(stub, JOBS[2], "a", "b", "c")
    _left(stub, JOBS[3], "temperature", "pressure")

    found = of_model(target, "m", None, lambda inputs: inputs.length == 2)

    assert found == Schema(features=("temperature", "pressure"))


def test_a_model_that_was_never_trained_has_none(target: Target, stub: Stub) -> None:
    _trained(stub)

    assert of_model(target, "m", None, lambda _: True) is None
