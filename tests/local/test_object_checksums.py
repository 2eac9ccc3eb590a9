"""An upload is answered with the checksum that it came with, however a client sends it."""

from __future__ import annotations

import base64
import http.client
import zlib
from typing import Any
from urllib.parse import urlparse

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from nrti_cli.aws.target import Target
from tests.local.small_stack import make_bucket

BODY = b"what is kept"
CRC32 = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()


@pytest.fixture(scope="module")
def bucket(embedded: Target) -> str:
    make_bucket(embedded, "checked")
    return "checked"


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_put_get_and_head_agree(algorithm: Any, embedded: Target, bucket: str) -> None:
    s3 = embedded.client("s3")
    put = s3.put_object(Bucket=bucket, Key=algorithm, Body=BODY, ChecksumAlgorithm=algorithm)
    shown = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
    head = s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")

    name = f"Checksum{algorithm}"
    assert put[name]
    assert put[name] == shown[name] == head[name]
    assert put["ChecksumType"] == "FULL_OBJECT"


def test_each_version_has_its_own(embedded: Target, bucket: str) -> None:
    s3 = embedded.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    puts = [s3.put_object(Bucket=bucket, Key="versioned", Body=body) for body in (b"first", BODY)]

    assert puts[0]["ChecksumCRC32"] != puts[1]["ChecksumCRC32"] == CRC32
    assert puts[0]["VersionId"] != puts[1]["VersionId"]


def test_a_checksum_behind_the_body(embedded: Target, bucket: str) -> None:
    address = urlparse(embedded.endpoint_url or "")
    body = b"%x\r\n%s\r\n0\r\nx-amz-checksum-crc32:%s\r\n\r\n" % (len(BODY), BODY, CRC32.encode())
    headers = {
        "content-encoding": "aws-chunked",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-decoded-content-length": str(len(BODY)),
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "host": address.netloc,
    }
    request = AWSRequest("PUT", f"{embedded.endpoint_url}/{bucket}/behind", headers=headers, data=body)
    SigV4Auth(Credentials("test", "test"), "s3", embedded.region_name).add_auth(request)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("PUT", f"/{bucket}/behind", body, dict(request.headers))
    answer = connection.getresponse()

    assert answer.status == 200
    assert answer.headers["x-amz-checksum-crc32"] == CRC32


def test_no_checksum_no_header(embedded: Target, bucket: str) -> None:
    client = embedded.client("s3", request_checksum_calculation="when_required")

    assert "ChecksumCRC32" not in client.put_object(Bucket=bucket, Key="none", Body=BODY)
