"""Uploads in parts, completed in right and in wrong ways."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from tests.local.small_stack import make_bucket

_WHERE: Any = {"Bucket": "uploads", "Key": "large"}
_BODIES = (b"a" * 5 * 1024 * 1024, b"b")


@pytest.fixture(scope="module")
def s3(embedded: Target) -> Any:
    make_bucket(embedded, "uploads")
    return embedded.client("s3")


@pytest.fixture(scope="module")
def upload(s3: Any) -> tuple[str, list[Any]]:
    """The id of an upload, and its two parts."""
    return _begun(s3, *_BODIES)


def _begun(s3: Any, *bodies: bytes) -> tuple[str, list[Any]]:
    upload = s3.create_multipart_upload(**_WHERE)["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**_WHERE, UploadId=upload, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(bodies, 1)
    ]
    return upload, parts


def _code(s3: Any, upload: str, parts: list[Any]) -> str:
    with pytest.raises(ClientError) as raised:
        s3.complete_multipart_upload(**_WHERE, UploadId=upload, MultipartUpload={"Parts": parts})
    return str(raised.value.response["Error"]["Code"])


def test_wrong_parts_are_refused(s3: Any, upload: tuple[str, list[Any]]) -> None:
    upload_id, (first, last) = upload
    wrong = '"00000000000000000000000000000000"'

    assert _code(s3, upload_id, [last, first]) == "InvalidPartOrder"
    assert _code(s3, upload_id, [first, first]) == "InvalidPartOrder"
    assert _code(s3, upload_id, [{**first, "ETag": wrong}, last]) == "InvalidPart"
    assert _code(s3, upload_id, [first, last, {"PartNumber": 9, "ETag": wrong}]) == "InvalidPart"
    assert _code(s3, upload_id, []) == "MalformedXML"


def test_small_parts_are_refused(s3: Any) -> None:
    assert _code(s3, *_begun(s3, b"x", b"y")) == "EntityTooSmall"


def test_the_refused_upload_can_still_be_completed(s3: Any, upload: tuple[str, list[Any]]) -> None:
    upload_id, parts = upload

    s3.complete_multipart_upload(**_WHERE, UploadId=upload_id, MultipartUpload={"Parts": parts})

    assert s3.head_object(**_WHERE)["ContentLength"] == sum(map(len, _BODIES))
