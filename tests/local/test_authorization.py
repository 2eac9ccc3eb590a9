"""The embedded AWS with IAM enforced: the pipeline works by its roles, and not without them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import LOCAL_REGION, Target
from nrti_cli.local import process
from nrti_cli.stack.outputs import outputs
from tests.local.own import Own, eventually
from tests.local.roles import ACCOUNT

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/nrti-{LOCAL_REGION}-sagemaker"
_MODEL = {
    "ModelName": "nrti-m",
    "ExecutionRoleArn": _ROLE,
    "PrimaryContainer": {"Image": f"{ACCOUNT}.dkr.ecr.{LOCAL_REGION}.amazonaws.com/i:1"},
}

Allow = Callable[..., Any]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    own = Own(tmp_path_factory.mktemp("guarded"), auth=True)
    try:
        for command in ("bootstrap --buffer-seconds 1", "train --name failure-v1 --rows 2000"):
            done = own.nrti(*command.split())
            assert done.returncode == 0, done.stderr
        yield own
    finally:
        process.destroy(own.layout)


@pytest.fixture
def allow(guarded: Own) -> Iterator[Allow]:
    """Gives a client of the SageMaker to a user who may do what is said."""
    iam = guarded.client("iam")
    iam.create_user(UserName="person")
    key = iam.create_access_key(UserName="person")["AccessKey"]

    def client(*statements: tuple[str, str]) -> Any:
        allowed = [{"Effect": "Allow", "Action": action, "Resource": arn} for action, arn in statements]
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_user_policy(UserName="person", PolicyName="given", PolicyDocument=document)
        return _sagemaker(guarded.target(), key["AccessKeyId"], key["SecretAccessKey"])

    yield client
    iam.delete_user_policy(UserName="person", PolicyName="given")
    iam.delete_access_key(UserName="person", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="person")


def _sagemaker(target: Target, key: str, secret: str) -> Any:
    return boto3.client(
        "sagemaker",
        endpoint_url=target.endpoint_url,
        region_name=LOCAL_REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def _count(own: Own) -> int:
    return int(own.client("dynamodb").scan(TableName=outputs(own.target()).table, Select="COUNT")["Count"])


def test_events_are_judged_and_stored_by_the_roles_of_the_stack(guarded: Own) -> None:
    done = guarded.nrti("produce", "--model", "failure-v1", "--rate", "100", "--count", "10")

    assert done.returncode == 0, done.stderr
    eventually(lambda: _count(guarded) == 10)


def test_a_function_that_may_not_ask_the_model_says_so_in_the_dead_letters(guarded: Own) -> None:
    iam, name = guarded.client("iam"), f"nrti-{LOCAL_REGION}-inference"
    document = iam.get_role_policy(RoleName=name, PolicyName="invoke-endpoints")["PolicyDocument"]
    iam.delete_role_policy(RoleName=name, PolicyName="invoke-endpoints")
    try:
        guarded.proves_to_work()
        queue = outputs(guarded.target()).dead_letter_queue_url
        (message,) = guarded.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    finally:
        iam.put_role_policy(RoleName=name, PolicyName="invoke-endpoints", PolicyDocument=json.dumps(document))

    letter = json.loads(message["Body"])
    assert letter["error"] == "AccessDeniedException"
    assert "not authorized to perform: sagemaker:InvokeEndpoint" in letter["cause"]


def test_an_operation_is_allowed_on_the_resources_that_it_names(allow: Allow) -> None:
    prefix = f"arn:aws:sagemaker:{LOCAL_REGION}:{ACCOUNT}"
    person = allow(("sagemaker:DescribeEndpoint", f"{prefix}:endpoint/nrti-failure-v1"))

    assert person.describe_endpoint(EndpointName="nrti-failure-v1")["EndpointStatus"] == "InService"
    with pytest.raises(ClientError, match=r"sagemaker:DescribeEndpoint on resource: .*:endpoint/other"):
        person.describe_endpoint(EndpointName="other")
    with pytest.raises(ClientError, match="sagemaker:DeleteEndpoint"):
        person.delete_endpoint(EndpointName="nrti-failure-v1")


def test_whoever_gives_a_role_to_the_sagemaker_needs_to_be_allowed_to_pass_it(allow: Allow) -> None:
    with pytest.raises(ClientError, match=rf"AccessDeniedException.*iam:PassRole on resource: {_ROLE}"):
        allow(("sagemaker:CreateModel", "*")).create_model(**_MODEL)

    person = allow(("sagemaker:*Model", "*"), ("iam:PassRole", _ROLE))
    assert person.create_model(**_MODEL)["ModelArn"].endswith(":model/nrti-m")
    person.delete_model(ModelName="nrti-m")


@pytest.mark.parametrize(
    ("key", "code"),
    [("AKIAIOSFODNN7EXAMPLE", "UnrecognizedClientException"), ("", "InvalidSignatureException")],
)
def test_nobody_passes_who_cannot_sign(key: str, code: str, guarded: Own, allow: Allow) -> None:
    honest = allow(("sagemaker:ListModels", "*"))
    honest.list_models()
    used = key or honest._request_signer._credentials.access_key

    with pytest.raises(ClientError, match=code):
        _sagemaker(guarded.target(), used, "not-the-secret").list_models()
