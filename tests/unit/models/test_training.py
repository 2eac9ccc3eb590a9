"""Starting and following a training job."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from datetime import UTC, datetime

import pytest
from botocore.stub import ANY, Stubber

from nrti_cli.assets import REMOTE
from nrti_cli.aws.sagemaker.training_jobs import TrainingJob
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.training.dataset import demo
from nrti_cli.models.training.following import _share, completed, follow
from nrti_cli.models.training.job import TrainingSettings, source_archive, start
from nrti_cli.stack.names import TRAINING_LOG_GROUP
from tests.unit.conftest import SilentProgress, Stub

ARN = "arn:aws:sagemaker:eu-central-2:000000000000:training-job/job-1"
ROLE = "arn:aws:iam::000000000000:role/sagemaker"
BUCKET = "nrti-artifacts-000000000000-eu-central-2"


def describes(
    stubber: Stubber,
    status: str,
    step: str = "Training",
    reason: str = "",
    job: str = "job-1",
    bucket: str = "b",
) -> None:
    described = {
        "TrainingJobName": job,
        "TrainingJobArn": ARN,
        "TrainingJobStatus": status,
        "SecondaryStatus": step,
        "CreationTime": datetime(2026, 11, 22, tzinfo=UTC),
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://{bucket}/models/{job}/output/model.tar.gz"},
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"VolumeSizeInGB": 1},
        "StoppingCondition": {},
    }
    if reason:
        described["FailureReason"] = reason
    stubber.add_response("describe_training_job", described, {"TrainingJobName": job})


def no_log_group(stubber: Stubber) -> None:
    stubber.add_client_error("describe_log_streams", "ResourceNotFoundException", "no group")


def writes(stubber: Stubber, token: str, *lines: str, sent: str = "") -> None:
    stubber.add_response(
        "describe_log_streams",
        {"logStreams": [{"logStreamName": "job-1/algo-1"}]},
        {"logGroupName": TRAINING_LOG_GROUP, "logStreamNamePrefix": "job-1/"},
    )
    reads(stubber, token, *lines, sent=sent)


def reads(stubber: Stubber, token: str, *lines: str, sent: str = "") -> None:
    expected = {"logGroupName": TRAINING_LOG_GROUP, "logStreamName": "job-1/algo-1", "startFromHead": True}
    stubber.add_response(
        "get_log_events",
        {"events": [{"message": line} for line in lines], "nextForwardToken": token},
        {**expected, "nextToken": sent} if sent else expected,
    )


def test_the_scripts_are_packed_the_same_way_every_time() -> None:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(source_archive()))) as tar:
        assert tar.getnames() == [path.name for path in sorted((REMOTE / "sagemaker").glob("*.py"))]
        train = tar.extractfile("train.py")
        assert train
        assert train.read() == (REMOTE / "sagemaker" / "train.py").read_bytes()
    assert source_archive() == source_archive()


def test_the_job_gets_scripts_data_and_tags(target: Target, stub: Stub) -> None:
    s3, sagemaker = stub("s3"), stub("sagemaker")
    for _ in range(2):  # the data, and rows to try the model with
        s3.add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": ANY})
    s3.add_client_error("head_object", "404")
    s3.add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": source_archive()})
    requests: list[dict[str, object]] = []
    target.client("sagemaker").meta.events.register(
        "provide-client-params.sagemaker.CreateTrainingJob",
        lambda params, **_: requests.append(params),
    )
    sagemaker.add_response("create_training_job", {"TrainingJobArn": ARN})

    name = start(
        target, ROLE, "m", demo(2_000, 0), settings=TrainingSettings(seed=7), instance="ml.c5.xlarge"
    )

    (request,) = requests
    parameters = request["HyperParameters"]
    assert isinstance(parameters, dict)
    assert (json.loads(parameters["sagemaker_program"]), parameters["seed"]) == ("train.py", "7")
    assert name.startswith("nrti-m-")
    assert request["TrainingJobName"] == name
    assert request["RoleArn"] == ROLE
    assert "ml.c5.xlarge" in str(request["ResourceConfig"])
    assert f"s3://{BUCKET}/data/{name}/train.parquet" in str(request["InputDataConfig"])


def test_a_split_by_group_without_groups_is_refused_before_the_upload(target: Target) -> None:
    settings = TrainingSettings(split="group")

    with pytest.raises(UsageError, match="a split by group needs groups: name their column with --group"):
        start(target, ROLE, "m", demo(2_000, 0), settings=settings, instance="ml.c5.xlarge")


def test_scripts_that_are_there_are_not_uploaded_again(target: Target, stub: Stub) -> None:
    for _ in range(2):
        stub("s3").add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": ANY})
    stub("s3").add_response("head_object", {})
    stub("sagemaker").add_response("create_training_job", {"TrainingJobArn": ARN})

    start(target, ROLE, "m", demo(2_000, 0), settings=TrainingSettings(seed=7), instance="ml.c5.xlarge")


def test_the_log_is_followed_line_by_line_to_the_end(
    target: Target, stub: Stub, progress: SilentProgress, wait_delays: list[float]
) -> None:
    sagemaker, logs = stub("sagemaker"), stub("logs")
    describes(sagemaker, "InProgress", "Starting")
    no_log_group(logs)
    describes(sagemaker, "InProgress")
    writes(logs, "f/1", "one", "[two]")
    reads(logs, "f/1", sent="f/1")
    describes(sagemaker, "Completed", "Completed")
    writes(logs, "f/2", "three", sent="f/1")
    reads(logs, "f/2", sent="f/2")

    job = follow(target, "job-1", progress, wait_delays.append)

    assert job.artifact == "s3://b/models/job-1/output/model.tar.gz"
    assert progress.lines == ["  [dim]one[/dim]", "  [dim]\\[two][/dim]", "  [dim]three[/dim]"]
    assert progress.updates[0] == "job-1: Starting, 0 s"
    assert wait_delays == [0.1, 0.1]


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        ("Failed", "AlgorithmError: too few rows", "job-1 is Failed: AlgorithmError: too few rows"),
        ("Stopped", "", "job-1 is Stopped: it left no artifact"),
    ],
)
def test_a_job_that_does_not_complete(
    target: Target, stub: Stub, progress: SilentProgress, status: str, reason: str, message: str
) -> None:
    describes(stub("sagemaker"), status, status, reason)
    no_log_group(stub("logs"))

    with pytest.raises(NrtiError, match=message):
        follow(target, "job-1", progress)


def test_what_the_script_says_of_the_data_counts_more_than_the_toolkits_errors(
    target: Target, stub: Stub, progress: SilentProgress
) -> None:
    ours, theirs = "ERROR: the data cannot be trained on: no failures", "train.Error: ExitCode 1"
    describes(stub("sagemaker"), "Failed", "Failed", "AlgorithmError: framework error: Traceback")
    writes(stub("logs"), "f/1", "Traceback (most recent call last):", ours, theirs)
    reads(stub("logs"), "f/1", sent="f/1")

    with pytest.raises(NrtiError, match=f"the last error in its log: {ours}$"):
        follow(target, "job-1", progress)


def test_an_account_is_looked_at_less_often(
    stub: Stub, target: Target, progress: SilentProgress, wait_delays: list[float]
) -> None:
    cloud = Target(name="aws", stack="nrti", region="eu-central-1")
    cloud._clients.update({name: target.client(name) for name in ("sagemaker", "logs")})
    for status in ("InProgress", "Completed"):
        describes(stub("sagemaker"), status)
        no_log_group(stub("logs"))

    follow(cloud, "job-1", progress, wait_delays.append)

    assert wait_delays == [5.0]


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ("Epoch 3/10", 0.3),
        ("epoch: 5 / 20 - loss 0.3", 0.25),
        ("[12/300] 1 tree, 31 leaves", 0.04),
        ("step 4/4", 1.0),
        ("2026/11/22 started", None),
        ("train_seconds=0.285", None),
        ("fitted 64 trees", None),
        ("1/0", None),
    ],
)
def test_a_line_may_say_how_far_the_training_is(line: str, share: float | None) -> None:
    assert _share(line) == share


def test_a_failure_has_the_last_error_of_its_log_beside_the_reason() -> None:
    job = TrainingJob(
        "job-1", "Failed", reason="AlgorithmError: framework error: Traceback (most recent call"
    )

    with pytest.raises(NrtiError, match=r"recent call; the last error in its log: ValueError: no rows$"):
        completed(job, "ValueError: no rows")
    explained = TrainingJob("job-1", "Failed", reason="AlgorithmError: no failures, exit code: 1")
    with pytest.raises(NrtiError, match=r"no failures, exit code: 1$"):
        completed(explained, "ERROR: the data cannot be trained on: no failures")
    with pytest.raises(NrtiError, match=r"recent call$"):
        completed(job, "AlgorithmError: framework error")
