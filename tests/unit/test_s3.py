"""The bucket that exists before the stack, which no template protects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY

from nrti_cli.aws.s3.buckets import Buckets, tls_only_policy
from nrti_cli.aws.s3.files import StoredFiles
from nrti_cli.aws.s3.objects import S3, MissingBucketError, Object
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

    Buckets(target).protect("b", {"k": "v"})


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-central-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")],
)
def test_the_policy_names_the_bucket_as_its_region_does(region: str, partition: str) -> None:
    target = Target(name="local", stack="nrti", region=region, endpoint_url="http://127.0.0.1:9")

    (statement,) = tls_only_policy(Buckets(target).arn("b"))["Statement"]

    assert statement["Resource"] == [f"arn:{partition}:s3:::b", f"arn:{partition}:s3:::b/*"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def _listing(*names: str, minute: int, more: bool = False) -> dict[str, Any]:
    written = datetime(2026, 11, 28, 9, minute, tzinfo=UTC)
    contents = [{"Key": name, "Size": 1, "LastModified": written} for name in names]
    return {"Contents": contents, "IsTruncated": more, **({"NextContinuationToken": "n"} if more else {})}


def test_the_newest_of_many_is_found_by_what_its_name_goes_on_with(target: Target, stub: Stub) -> None:
    s3 = stub("s3")

    def expect(answer: dict[str, Any], prefix: str, **more: str) -> None:
        s3.add_response("list_objects_v2", answer, {"Bucket": "b", "Prefix": prefix, **more})

    def folders(*names: str) -> dict[str, Any]:
        return {"CommonPrefixes": [{"Prefix": name} for name in names]}

    expect(_listing("l/m/9-aa", minute=1, more=True), "l/m/")
    expect(folders("l/m/10-", "l/m/9-", "l/m/my-"), "l/m/", Delimiter="-")
    expect(_listing("l/m/10-bb", minute=2), "l/m/10-")
    expect(_listing("l/m/my-2-28", minute=3, more=True), "l/m/my-")
    expect(folders("l/m/my-2-", "l/m/my-10-"), "l/m/my-", Delimiter="-")
    expect(_listing("l/m/my-10-28", "l/m/my-10-27", minute=4), "l/m/my-10-")

    found = S3(target).newest("b", "l/m/")

    assert found == Object("l/m/my-10-28", 1, datetime(2026, 11, 28, 9, 4, tzinfo=UTC))


def test_a_prefix_without_objects_has_no_newest(target: Target, stub: Stub) -> None:
    stub("s3").add_response("list_objects_v2", {"IsTruncated": False}, {"Bucket": "b", "Prefix": "l/"})

    assert S3(target).newest("b", "l/") is None


def test_files_of_a_bucket_that_is_gone_are_not_none(target: Target, stub: Stub) -> None:
    stub("s3").add_client_error("list_objects_v2", "NoSuchBucket")

    with pytest.raises(MissingBucketError, match="bucket b does not exist: run nrti bootstrap"):
        list(StoredFiles(target, "b").under("predictions/"))
