"""Where an artifact comes from."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.packing import Added
from nrti_cli.models.publication.source import from_artifact, from_job, from_newest_job
from tests.unit.conftest import Stub
from tests.unit.models.test_artifact import archive, members
from tests.unit.models.test_attach import tagged
from tests.unit.models.test_training import ARN, BUCKET, describes

GOOD = archive(members())


def holds(stubber: Stubber, bucket: str, key: str, content: bytes = GOOD) -> None:
    body = StreamingBody(io.BytesIO(content), len(content))
    stubber.add_response("get_object", {"Body": body}, {"Bucket": bucket, "Key": key})


def test_a_completed_job_gives_its_artifact(target: Target, stub: Stub) -> None:
    tagged(stub, {"model": "m"}, "Completed")
    holds(stub("s3"), "b", "models/job-1/output/model.tar.gz")
    stub("s3").add_response("head_object", {}, {"Bucket": BUCKET, "Key": "samples/job-1.json"})
    holds(stub("s3"), BUCKET, "samples/job-1.json", b"[[1.0, 2.0, 3.0]]")

    source = from_job(target, "m", "job-1")

    assert (source.origin, source.metadata.length, source.rows) == ("job-1", 3, [[1.0, 2.0, 3.0]])


def test_a_job_without_tags_may_be_of_any_model(target: Target, stub: Stub) -> None:
    tagged(stub, {}, "Completed")
    holds(stub("s3"), "b", "models/job-1/output/model.tar.gz")
    stub("s3").add_client_error("head_object", "404")

    source = from_job(target, "m", "job-1")

    assert (source.origin, source.rows) == ("job-1", [[0.0, 0.0, 0.0]])


def test_a_job_of_another_model_is_refused(target: Target, stub: Stub) -> None:
    tagged(stub, {"model": "other"}, "Completed")

    with pytest.raises(NrtiError, match=r"job-1 trained model 'other', not 'm': .* --artifact s3://b/models"):
        from_job(target, "m", "job-1")


def test_a_job_that_runs_has_none_yet(target: Target, stub: Stub) -> None:
    describes(stub("sagemaker"), "InProgress")

    with pytest.raises(NrtiError, match="job-1 is InProgress: wait until it is done"):
        from_job(target, "m", "job-1")


def test_an_unknown_job(target: Target, stub: Stub) -> None:
    stub("sagemaker").add_client_error(
        "describe_training_job", "ValidationException", "Requested resource not found."
    )

    with pytest.raises(NrtiError, match="training job 'job-1' does not exist"):
        from_job(target, "m", "job-1")


def test_the_newest_job_of_the_model_and_of_no_other(target: Target, stub: Stub) -> None:
    names = ["nrti-m-2-20261122140000000", "nrti-m-20261122130000000", "nrti-m-20261122120000000"]
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    common = {"TrainingJobArn": ARN, "CreationTime": moment, "TrainingJobStatus": "Completed"}
    stubber = stub("sagemaker")
    stubber.add_response(
        "list_training_jobs",
        {"TrainingJobSummaries": [{"TrainingJobName": name, **common} for name in names]},
    )
    stubber.add_client_error(
        "describe_training_job",
        "ValidationException",
        "Requested resource not found.",
        expected_params={"TrainingJobName": names[1]},
    )

    with pytest.raises(NrtiError, match=names[1]):
        from_newest_job(target, "m")


def test_a_model_that_was_never_trained(target: Target, stub: Stub) -> None:
    stub("sagemaker").add_response("list_training_jobs", {"TrainingJobSummaries": []})

    with pytest.raises(
        NrtiError, match="no training job of model 'm' has completed: run nrti train --name m"
    ):
        from_newest_job(target, "m")


def test_an_object_in_s3_is_taken_where_it_is(target: Target, stub: Stub) -> None:
    holds(stub("s3"), "bucket", "some/model.tar.gz")

    assert (
        from_artifact(target, "s3://bucket/some/model.tar.gz", Added()).artifact
        == "s3://bucket/some/model.tar.gz"
    )


def test_a_missing_object(target: Target, stub: Stub) -> None:
    stub("s3").add_client_error("get_object", "NoSuchKey")

    with pytest.raises(NrtiError, match="object s3://bucket/x does not exist"):
        from_artifact(target, "s3://bucket/x", Added())


@pytest.mark.parametrize("place", ["s3:/bucket/key", "s3:bucket/key", "S3:/b"])
def test_an_address_that_is_mistyped_is_shown_as_it_was_typed(target: Target, place: str) -> None:
    with pytest.raises(UsageError, match=f"^{place} is not an S3 URI: write s3://bucket/key$"):
        from_artifact(target, place, Added())


def test_a_local_file_is_uploaded_under_its_digest(target: Target, stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "m.tar.gz").write_bytes(GOOD)
    for _ in range(2):
        stub("s3").add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": GOOD})

    first, again = (from_artifact(target, str(tmp_path / "m.tar.gz"), Added()) for _ in range(2))

    assert first == again
    assert first.artifact.startswith(f"s3://{BUCKET}/models/uploads/")


def test_a_local_file_that_cannot_be_served_is_not_uploaded(target: Target, tmp_path: Path) -> None:
    (tmp_path / "m.tar.gz").write_bytes(b"nonsense")

    with pytest.raises(NrtiError, match="not a readable"):
        from_artifact(target, str(tmp_path / "m.tar.gz"), Added())


@pytest.mark.parametrize("name", ["absent.tar.gz", "."])
def test_a_local_file_that_cannot_be_read(target: Target, tmp_path: Path, name: str) -> None:
    with pytest.raises(NrtiError, match="cannot be read"):
        from_artifact(target, str(tmp_path / name), Added())
