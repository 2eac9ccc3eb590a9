"""The bucket that exists before the stack, which no template protects."""

from __future__ import annotations

import pytest
from botocore.stub import ANY

from nrti_cli.aws.s3 import S3, tls_only_policy
from nrti_cli.aws.target import Target
from tests.unit.conftest import Stub


def test_a_bucket_is_made_private_encrypted_and_reachable_over_tls_only(target: Target, stub: Stub) -> None:
    s3 = stub("s3")
    blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.add_response(
        "put_public_access_block",
        {},
        {"Bucket": "b", "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True)},
    )
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.add_response(
        "put_bucket_encryption", {}, {"Bucket": "b", "ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    )
    s3.add_response("put_bucket_policy", {}, {"Bucket": "b", "Policy": ANY})
    s3.add_response(
        "put_bucket_tagging", {}, {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "k", "Value": "v"}]}}
    )

    S3(target).protect_bucket("b", {"k": "v"})


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-central-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")],
)
def test_the_policy_names_the_bucket_as_its_region_does(region: str, partition: str) -> None:
    target = Target(name="local", stack="nrti", region=region, endpoint_url="http://127.0.0.1:9")

    (statement,) = tls_only_policy(S3(target).arn("b"))["Statement"]

    assert statement["Resource"] == [f"arn:{partition}:s3:::b", f"arn:{partition}:s3:::b/*"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
