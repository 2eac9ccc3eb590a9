"""Accounts and regions of the local SageMaker: what is made in one is nowhere else."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_local.process import REGION
from tests.local.sagemaker_support import IMAGE, ROLE, SageMaker, unique

ACCOUNT, ELSEWHERE = "123456789012", "us-east-1"
_SCRIPT = "def model_fn(directory):\n    return 'elsewhere'\n\n"
_SCRIPT += "def transform_fn(model, content, content_type, accept):\n    return model, 'text/plain'\n"


def client(target: Target, service: str, account: str, region: str) -> Any:
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="any", region_name=region)
    return session.client(service, endpoint_url=target.endpoint_url)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def elsewhere(embedded: Target) -> SageMaker:
    """The SageMaker of another account in another region, with a bucket there."""
    s3 = client(embedded, "s3", ACCOUNT, ELSEWHERE)
    bucket = unique("elsewhere")
    s3.create_bucket(Bucket=bucket)
    services = [
        client(embedded, name, ACCOUNT, ELSEWHERE) for name in ("sagemaker", "sagemaker-runtime", "logs")
    ]
    return SageMaker(services[0], services[1], s3, services[2], bucket)


@pytest.mark.parametrize(("account", "region"), [(ACCOUNT, REGION), ("000000000000", ELSEWHERE)])
def test_a_model_is_in_one_account_and_region(embedded: Target, account: str, region: str) -> None:
    there, name = client(embedded, "sagemaker", account, region), unique("model")

    made = there.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})

    assert made["ModelArn"] == f"arn:aws:sagemaker:{region}:{account}:model/{name}"
    with pytest.raises(ClientError, match="Could not find model"):
        embedded.client("sagemaker").describe_model(ModelName=name)


def test_a_job_reads_and_writes_its_own_account(elsewhere: SageMaker, embedded: Target) -> None:
    name = elsewhere.job("print('hello from elsewhere')")

    assert elsewhere.ended(name)["TrainingJobStatus"] == "Completed"
    assert elsewhere.lines("/aws/sagemaker/TrainingJobs", f"{name}/") == ["hello from elsewhere"]
    assert not SageMaker.of(embedded).lines("/aws/sagemaker/TrainingJobs", f"{name}/")


def test_an_endpoint_answers_its_own_account(elsewhere: SageMaker, embedded: Target) -> None:
    name = elsewhere.endpoint(_SCRIPT)

    assert elsewhere.invoke(name) == "elsewhere"
    with pytest.raises(ClientError, match=f"Endpoint {name} of account 000000000000 not found"):
        SageMaker.of(embedded).invoke(name)
