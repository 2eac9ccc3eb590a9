"""How CloudFormation gets a template: from the artifacts bucket, which the first stack does not find."""

from __future__ import annotations

import pytest
from botocore.stub import ANY, Stubber

from nrti_cli.aws.target import Target
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_local.process import REGION
from tests.unit.conftest import Stub

BUCKET = f"nrti-artifacts-000000000000-{REGION}"
KEY = "templates/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.json"
URL = f"http://127.0.0.1:9/{BUCKET}/{KEY}"


def _missing(s3: Stubber, operation: str) -> None:
    s3.add_client_error(operation, "404", http_status_code=404)


def _uploaded(s3: Stubber) -> None:
    s3.add_response("put_object", {}, {"Bucket": BUCKET, "Key": KEY, "Body": b"{}"})


def _created(s3: Stubber) -> None:
    s3.add_response("create_bucket", {}, {"Bucket": BUCKET, "CreateBucketConfiguration": ANY})
    for operation in (
        "put_public_access_block",
        "put_bucket_encryption",
        "put_bucket_policy",
        "put_bucket_tagging",
    ):
        s3.add_response(operation, {})


def _deleted(s3: Stubber) -> None:
    s3.add_response("list_object_versions", {"Versions": [{"Key": KEY, "VersionId": "null"}]})
    s3.add_response("delete_objects", {})
    s3.add_response("delete_bucket", {}, {"Bucket": BUCKET})


def test_a_template_is_uploaded_once(target: Target, stub: Stub) -> None:
    _missing(stub("s3"), "head_object")
    stub("s3").add_response("head_bucket", {}, {"Bucket": BUCKET})
    _uploaded(stub("s3"))
    stub("s3").add_response("head_object", {}, {"Bucket": BUCKET, "Key": KEY})

    for _ in range(2):
        with ArtifactsBucket(target).staged("{}") as url:
            assert url == URL


def test_a_bucket_for_a_template_alone_does_not_stay(target: Target, stub: Stub) -> None:
    s3 = stub("s3")
    _missing(s3, "head_object")
    _missing(s3, "head_bucket")
    _created(s3)
    _uploaded(s3)
    _deleted(s3)

    with pytest.raises(KeyboardInterrupt), ArtifactsBucket(target).staged("{}"):
        raise KeyboardInterrupt
