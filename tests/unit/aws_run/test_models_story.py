"""All that `nrti train` and `nrti deploy-model` with `--target aws` send."""

from __future__ import annotations

import io
import json

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.publication import source
from nrti_cli.models.publication.publishing import publish
from nrti_cli.models.publication.settings import PublishSettings
from nrti_cli.models.training import evaluation, following
from nrti_cli.models.training import job as training
from nrti_cli.models.training.dataset import demo
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS
from tests.unit.conftest import SilentProgress, Stub, missing
from tests.unit.models import test_artifact, test_attach, test_evaluation, test_training
from tests.unit.models.conftest import ARN, NEW, NO_ZEROS, ROLE, STACK, Story

pytestmark = pytest.mark.usefixtures("serving_image")
_OUTPUT = "models/job-1/output"


@pytest.fixture
def endpoint(target: Target, stub: Stub) -> Story:
    return Story(target, stub)


def _holds(stub: Stub, key: str, content: bytes) -> None:
    body = StreamingBody(io.BytesIO(content), len(content))
    stub("s3").add_response("get_object", {"Body": body}, {"Bucket": "b", "Key": f"{_OUTPUT}/{key}"})


def _uploads(stub: Stub) -> None:
    """The account is asked for, then scripts and data are uploaded."""
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    s3 = stub("s3")
    s3.add_client_error("head_object", "404", expected_params={"Bucket": ARTIFACTS, "Key": ANY})
    for _ in range(3):
        s3.add_response("put_object", {}, {"Bucket": ARTIFACTS, "Key": ANY, "Body": ANY})


def _start(target: Target) -> str:
    return training.start(
        target, ROLE, "m", demo(2_000, 0), settings=training.TrainingSettings(), instance="ml.m5.large"
    )


def _completes(stub: Stub) -> None:
    """The job runs, looking at it is throttled, and it leaves its two archives."""
    sagemaker, logs = stub("sagemaker"), stub("logs")
    test_training.describes(sagemaker, "InProgress", "Starting")
    test_training.no_log_group(logs)
    sagemaker.add_client_error("describe_training_job", "ThrottlingException", "Rate exceeded")
    test_training.describes(sagemaker, "Completed", "Completed")
    test_training.writes(logs, "f/1", "validation_f1=1.0")
    test_training.reads(logs, "f/1", sent="f/1")
    _holds(
        stub,
        "output.tar.gz",
        test_artifact.archive({"evaluation.json": json.dumps(test_evaluation.WRITTEN).encode()}),
    )
    _holds(stub, "model.tar.gz", test_artifact.archive(test_artifact.members()))
    _has_no_sample(stub)


def _has_no_sample(stub: Stub) -> None:
    stub("s3").add_client_error("head_object", "404")


def test_a_model_is_trained_and_published(
    target: Target, stub: Stub, endpoint: Story, progress: SilentProgress, wait_delays: list[float]
) -> None:
    _uploads(stub)
    stub("sagemaker").add_response("create_training_job", {"TrainingJobArn": ARN})
    _completes(stub)
    endpoint.absent()
    endpoint.configures()
    endpoint.absent()
    endpoint.creates()
    endpoint.endpoint("Creating", NEW)
    endpoint.endpoint("InService", NEW)
    endpoint.fails("still loading", passing=True)
    endpoint.answers()
    endpoint.prunes()

    assert _start(target).startswith("nrti-m-")
    job = following.follow(target, "job-1", progress, wait_delays.append)
    evaluation.read_evaluation(target, job)
    found = source.of_job(target, job)
    assert publish(target, STACK, "m", found, PublishSettings(), progress, wait_delays.append)


def test_an_artifact_that_does_not_answer_never_gets_to_the_endpoint(
    target: Target, stub: Stub, endpoint: Story, progress: SilentProgress, wait_delays: list[float]
) -> None:
    test_attach.tagged(stub, {"model": "m"}, "Completed")
    _holds(stub, "model.tar.gz", test_artifact.archive(test_artifact.members()))
    _has_no_sample(stub)
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    endpoint.endpoint("InService")
    endpoint.serves("s3://b/old.tar.gz")
    endpoint.configures()
    endpoint.creates()
    endpoint.endpoint("Creating", NEW, name=ANY)
    endpoint.endpoint("InService", NEW, name=ANY)
    endpoint.answers(NO_ZEROS)
    for _ in range(2):
        endpoint.answers(NO_ZEROS)
    endpoint.stubber.add_response("delete_endpoint", {})
    missing(endpoint.stubber, "describe_endpoint", "endpoint", EndpointName=ANY)
    endpoint.discards()

    with pytest.raises(NrtiError, match="it serves job-1 as before"):
        publish(
            target,
            STACK,
            "m",
            source.from_job(target, "m", "job-1"),
            PublishSettings(),
            progress,
            wait_delays.append,
        )


def test_an_account_at_its_limit_learns_which(target: Target, stub: Stub) -> None:
    _uploads(stub)
    refused = "The account-level service limit 'ml.m5.large for training job usage' is 0 Instances."
    stub("sagemaker").add_client_error("create_training_job", "ResourceLimitExceeded", refused)

    with pytest.raises(NrtiError, match=r"a quota of the account is exhausted: .*ml\.m5\.large for training"):
        _start(target)
