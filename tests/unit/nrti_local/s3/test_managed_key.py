"""What S3 is asked for when a request names the encryption by KMS and no key."""

from __future__ import annotations

import asyncio

from nrti_local.s3 import managed_key
from nrti_local.server.asgi import Receive, Scope, Send

KMS = (b"x-amz-server-side-encryption", b"aws:kms")
KEY = b"x-amz-server-side-encryption-aws-kms-key-id"


def signed(key: str, region: str) -> tuple[bytes, bytes]:
    return b"authorization", f"AWS4 Credential={key}/20261127/{region}/s3/aws4_request, …".encode()


def passed_on(*headers: tuple[bytes, bytes]) -> dict[bytes, bytes]:
    """The headers that reach ministack."""
    seen: list[Scope] = []

    async def ministack(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def never() -> dict[str, object]:
        raise AssertionError

    async def nothing(_message: object) -> None:
        raise AssertionError

    async def serve() -> None:
        await managed_key.before(ministack)({"type": "http", "headers": list(headers)}, never, nothing)

    asyncio.run(serve())
    return dict(seen[0]["headers"])


def test_it_is_the_key_of_the_account_and_the_region() -> None:
    key = passed_on(KMS, signed("test", "eu-central-2"))[KEY].decode()

    assert key.startswith("arn:aws:kms:eu-central-2:000000000000:key/")
    assert key == passed_on(KMS, signed("other", "eu-central-2"))[KEY].decode()
    elsewhere = passed_on(KMS, signed("123456789012", "us-east-1"))[KEY].decode()
    assert elsewhere.startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert elsewhere.partition("key/")[2] != key.partition("key/")[2]


def test_an_empty_key_is_none() -> None:
    assert passed_on(KMS, (KEY, b""))[KEY].startswith(b"arn:aws:kms:")


def test_a_key_that_is_named_stays() -> None:
    assert passed_on(KMS, (KEY, b"mine"))[KEY] == b"mine"


def test_other_requests_pass_as_they_are() -> None:
    assert passed_on((b"x-amz-server-side-encryption", b"AES256"), signed("test", "a")) == {
        b"x-amz-server-side-encryption": b"AES256",
        **dict([signed("test", "a")]),
    }
