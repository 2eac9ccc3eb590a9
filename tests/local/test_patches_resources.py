"""What CloudFormation makes has all its properties, and what it deletes is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from tests.local import patched
from tests.waiting import eventually

CODE = "def handler(event, context):\n    return 1\n"
RULES: list[dict[str, Any]] = [
    {"Id": "old", "Status": "Enabled", "Prefix": "results/", "ExpirationInDays": 7},
    {
        "Id": "cold",
        "Status": "Enabled",
        "Prefix": "raw/",
        "TagFilters": [{"Key": "kind", "Value": "raw"}],
        "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
        "NoncurrentVersionExpirationInDays": 3,
    },
    {"Status": "Disabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
]
KEYS = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "of-the-stack",
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {
                            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
                            "BucketKeyEnabled": True,
                        }
                    ]
                },
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
                "LifecycleConfiguration": {"Rules": RULES},
                "Tags": [{"Key": "own", "Value": "<&>"}],
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "of-the-stack",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True},
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
                **KEYS,
            },
        },
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Name": "of-the-stack", "EndpointConfiguration": {"Types": ["REGIONAL"]}},
        },
        "Stream": {
            "Type": "AWS::Kinesis::Stream",
            "Properties": {
                "Name": "of-the-stack",
                "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "of-the-stack",
                "Runtime": "python3.12",
                "Handler": "index.handler",
                "Role": "arn:aws:iam::000000000000:role/any",
                "Code": {"ZipFile": CODE},
            },
        },
    }
}
WITHOUT = {
    "Resources": {
        **TEMPLATE["Resources"],
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "of-the-stack"}},
    }
}


class Server:
    """A patched ministack with the stack on it, which can be started again."""

    def __init__(self, state: Path, scratch: Path) -> None:
        self._state = state
        self.scratch = scratch
        self.running = patched.start(state)

    @property
    def target(self) -> Target:
        """Where it answers."""
        return self.running.target

    def restart(self) -> None:
        """Ends it and starts one that reads its state."""
        self.running.stop()
        self.running = patched.start(self._state)

    def deploy(self, template: dict[str, Any]) -> None:
        """Creates the stack, or updates it."""
        cloudformation = self.target.client("cloudformation")
        request = {"StackName": "small", "TemplateBody": json.dumps(template)}
        if cloudformation.list_stacks()["StackSummaries"]:
            cloudformation.update_stack(**request)
            name = "stack_update_complete"
        else:
            cloudformation.create_stack(**request, Tags=[{"Key": "team", "Value": "lake"}])
            name = "stack_create_complete"
        cloudformation.get_waiter(name).wait(StackName="small", WaiterConfig={"Delay": 1})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    scratch = tmp_path_factory.mktemp("scratch")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TMPDIR", str(scratch))
        server = Server(tmp_path_factory.mktemp("state"), scratch)
        try:
            server.deploy(TEMPLATE)
            yield server
        finally:
            server.running.stop()


def test_a_bucket_has_its_properties(server: Server) -> None:
    client = server.target.client("s3")
    encryption = client.get_bucket_encryption(Bucket="of-the-stack")["ServerSideEncryptionConfiguration"]
    ownership = client.get_bucket_ownership_controls(Bucket="of-the-stack")["OwnershipControls"]

    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert encryption["Rules"][0]["BucketKeyEnabled"]
    assert ownership["Rules"] == [{"ObjectOwnership": "ObjectWriter"}]


def test_a_bucket_has_its_lifecycle(server: Server) -> None:
    client = server.target.client("s3")
    old, cold, unfinished = client.get_bucket_lifecycle_configuration(Bucket="of-the-stack")["Rules"]

    assert old["Filter"] == {"Prefix": "results/"}
    assert old["Expiration"] == {"Days": 7}
    assert cold["Filter"]["And"]["Prefix"] == "raw/"
    assert cold["Filter"]["And"]["Tags"] == [{"Key": "kind", "Value": "raw"}]
    assert cold["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert cold["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3}
    assert unfinished["Status"] == "Disabled"
    assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_a_bucket_has_the_tags_of_its_stack(server: Server) -> None:
    tags = server.target.client("s3").get_bucket_tagging(Bucket="of-the-stack")["TagSet"]
    by_key = {tag["Key"]: tag["Value"] for tag in tags}

    assert by_key.pop("aws:cloudformation:stack-id").startswith("arn:aws:cloudformation:")
    assert by_key == {
        "own": "<&>",
        "team": "lake",
        "aws:cloudformation:stack-name": "small",
        "aws:cloudformation:logical-id": "Bucket",
    }


def test_a_table_and_a_stream_have_their_properties(server: Server) -> None:
    dynamodb, kinesis = server.target.client("dynamodb"), server.target.client("kinesis")
    backups = dynamodb.describe_continuous_backups(TableName="of-the-stack")["ContinuousBackupsDescription"]
    expiry = dynamodb.describe_time_to_live(TableName="of-the-stack")["TimeToLiveDescription"]
    stream = kinesis.describe_stream_summary(StreamName="of-the-stack")["StreamDescriptionSummary"]

    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamodb.describe_table(TableName="of-the-stack")["Table"]["SSEDescription"]["Status"] == "ENABLED"
    assert (expiry["AttributeName"], expiry["TimeToLiveStatus"]) == ("expires", "ENABLED")
    assert (stream["EncryptionType"], stream["KeyId"]) == ("KMS", "alias/aws/kinesis")


def test_an_api_has_its_endpoint(server: Server) -> None:
    (api,) = server.target.client("apigateway").get_rest_apis()["items"]

    assert api["endpointConfiguration"]["types"] == ["REGIONAL"]


def test_an_update_takes_back_what_the_template_no_longer_has(server: Server) -> None:
    server.deploy(WITHOUT)
    client = server.target.client("s3")

    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        client.get_bucket_lifecycle_configuration(Bucket="of-the-stack")
    tags = client.get_bucket_tagging(Bucket="of-the-stack")["TagSet"]
    assert {"Key": "team", "Value": "lake"} in tags
    assert {"Key": "aws:cloudformation:logical-id", "Value": "Bucket"} in tags
    assert "own" not in {tag["Key"] for tag in tags}


def test_what_a_stack_deletes_is_gone(server: Server) -> None:
    target = server.target
    target.client("lambda").invoke(FunctionName="of-the-stack")
    assert list(server.scratch.glob("lambda-of-the-stack-*"))
    client, cloudformation = target.client("s3"), target.client("cloudformation")
    client.put_object(Bucket="of-the-stack", Key="k", Body=b"b")
    cloudformation.delete_stack(StackName="small")
    with pytest.raises(Exception, match="DELETE_FAILED"):
        cloudformation.get_waiter("stack_delete_complete").wait(StackName="small", WaiterConfig={"Delay": 1})
    client.delete_object(Bucket="of-the-stack", Key="k")
    cloudformation.delete_stack(StackName="small")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="small", WaiterConfig={"Delay": 1})

    eventually(lambda: not list(server.scratch.glob("lambda-of-the-stack-*")))
    target.client("dynamodb").create_table(TableName="of-the-stack", **KEYS)
    backups = target.client("dynamodb").describe_continuous_backups(TableName="of-the-stack")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "DISABLED"
    server.restart()
    assert server.target.client("s3").list_buckets()["Buckets"] == []
