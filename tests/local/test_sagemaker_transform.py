"""Batch transform jobs of the local SageMaker."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from tests.local.sagemaker_support import SageMaker, Transform
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("embedded")

#: Adds up each line; "who" is answered with the environment, "bad" is refused, and "wait" takes its time.
_SUMS = """
import os, time
def model_fn(model_dir):
    return os.environ.get("SAGEMAKER_BATCH"), os.environ.get("MINE")
def input_fn(body, content_type):
    return [line.split(",") for line in body.splitlines()]
def predict_fn(lines, model):
    print("asked for", len(lines))
    if ["wait"] in lines:
        time.sleep(0.5)
    return [
        " ".join(map(str, model)) if line == ["who"] else sum(map(float, line))
        for line in lines if line != ["wait"]
    ]
def output_fn(sums, accept):
    return "\\n".join(map(str, sums)), accept
"""


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


@pytest.fixture(scope="module")
def adding(sagemaker: SageMaker) -> str:
    """The name of a model that adds up."""
    return sagemaker.config(_SUMS)


@pytest.fixture(scope="module")
def completed(sagemaker: SageMaker, adding: str) -> Transform:
    job = Transform(
        sagemaker,
        adding,
        {"a.csv": b"1,2\n3,4\n", "deep/b.csv": b"5\nwho\n"},
        Environment={"MINE": "yes"},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    job.ended()
    return job


def test_each_object_has_its_result_where_the_output_goes(completed: Transform) -> None:
    assert completed.described()["TransformJobStatus"] == "Completed", completed.described()
    assert completed.results() == {"a.csv.out": b"3.0\n7.0\n", "deep/b.csv.out": b"5.0\ntrue yes\n"}


def test_it_is_described_as_on_aws(completed: Transform) -> None:
    job = completed.described()
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    assert job["TransformInput"]["CompressionType"] == "None"
    assert job["TransformOutput"]["KmsKeyId"] == ""
    assert "FailureReason" not in job


def test_its_log_has_the_model_s_lines_and_those_about_the_data(completed: Transform) -> None:
    assert sorted(completed.lines()) == [
        "[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD",
        "asked for 2",
        "asked for 2",
    ]


def test_it_has_tags_and_is_listed(sagemaker: SageMaker, completed: Transform) -> None:
    arn = completed.described()["TransformJobArn"]
    assert sagemaker.client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    listed = sagemaker.client.list_transform_jobs(NameContains=completed.name, StatusEquals="Completed")
    assert [job["TransformJobName"] for job in listed["TransformJobSummaries"]] == [completed.name]


def test_a_record_at_a_time_of_gzip_joined_with_its_input(sagemaker: SageMaker, adding: str) -> None:
    job = Transform(
        sagemaker,
        adding,
        {"a.csv.gz": gzip.compress(b"x,1,2\ny,3,4\n")},
        TransformInput={"CompressionType": "Gzip"},
        BatchStrategy="SingleRecord",
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    )
    assert job.ended()["TransformJobStatus"] == "Completed"
    assert job.results() == {"a.csv.gz.out": b"x,3.0\ny,7.0\n"}
    assert job.lines().count("asked for 1") == 2


def test_a_bad_object_fails_the_job_and_costs_the_others_nothing(sagemaker: SageMaker, adding: str) -> None:
    job = Transform(
        sagemaker,
        adding,
        {"a.csv": b"bad\n", "b.csv": b"1,1\n"},
        ModelClientConfig={"InvocationsMaxRetries": 1},
        TransformInput={"SplitType": "None"},
        TransformOutput={"AssembleWith": "None"},
    )
    ended = job.ended()
    place = f"{sagemaker.bucket}/{job.name}/in/a.csv: Bad HTTP status received from algorithm: 500"
    assert ended["TransformJobStatus"] == "Failed"
    assert ended["FailureReason"] == (
        f"AlgorithmError: See job logs for more information. 1 of 2 objects failed: {place}"
    )
    assert f"[sagemaker logs]: {place}" in job.lines()
    assert job.lines().count("asked for 1") == 3, "the bad one is tried again once"
    assert job.results() == {"b.csv.out": b"2.0"}


def test_it_stops_and_keeps_what_it_has_made(sagemaker: SageMaker, adding: str) -> None:
    waiting = {f"b{number:02}.csv": b"wait\n" for number in range(40)}
    job = Transform(sagemaker, adding, {"a.csv": b"1\n", **waiting}, TransformInput={"SplitType": "None"})
    eventually(job.results, lambda results: "a.csv.out" in results)
    sagemaker.client.stop_transform_job(TransformJobName=job.name)
    assert job.ended()["TransformJobStatus"] == "Stopped"
    assert job.results()["a.csv.out"] == b"1.0\n"
    assert "b39.csv.out" not in job.results()
    with pytest.raises(ClientError, match="is in status Stopped"):
        sagemaker.client.stop_transform_job(TransformJobName=job.name)


def test_a_model_that_does_not_come_up_fails_the_job(sagemaker: SageMaker) -> None:
    job = Transform(sagemaker, sagemaker.config("raise ValueError('no such thing')"), {"a.csv": b"1\n"})
    assert job.ended()["FailureReason"].endswith("The model did not start.")
    assert "ValueError: no such thing" in job.lines()


def test_input_that_is_not_there_fails_the_job(sagemaker: SageMaker, adding: str) -> None:
    reason = Transform(sagemaker, adding, {}).ended()["FailureReason"]
    assert reason.startswith("ClientError: No S3 objects found under S3 URL")


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"TransformInput": {"SplitType": "RecordIO"}}, "SplitType RecordIO is not in the embedded AWS"),
        ({"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 4}, "must not exceed 100 MB"),
        ({"DataProcessing": {"InputFilter": "$[?(@)]"}}, "cannot be read from its character 2 on"),
    ],
)
def test_what_cannot_work_is_refused(
    request_: dict[str, Any], text: str, sagemaker: SageMaker, adding: str
) -> None:
    with pytest.raises(ClientError, match=text):
        Transform(sagemaker, adding, {}, **request_)


def test_the_model_must_be_there_and_the_name_free(sagemaker: SageMaker, completed: Transform) -> None:
    with pytest.raises(ClientError, match='Could not find model "arn:aws:sagemaker'):
        Transform(sagemaker, "none", {})
    with pytest.raises(ClientError, match="Could not find requested job with name: none"):
        sagemaker.client.describe_transform_job(TransformJobName="none")
    described = completed.described()
    with pytest.raises(sagemaker.client.exceptions.ResourceInUse):
        sagemaker.client.create_transform_job(
            **{
                member: described[member]
                for member in (
                    "TransformJobName",
                    "ModelName",
                    "TransformInput",
                    "TransformOutput",
                    "TransformResources",
                )
            }
        )
