"""The key `aws/s3`, which S3 uses for encryption with KMS if the request names no key.

ministack refuses such a request, and the SageMaker SDK sends it.
"""

from __future__ import annotations

import re
from uuid import NAMESPACE_URL, uuid5

from nrti_local.sagemaker.settings import HOME_ACCOUNT
from nrti_local.server.asgi import Application, Receive, Scope, Send
from nrti_local.settings import REGION

_ENCRYPTION = b"x-amz-server-side-encryption"
_KEY = _ENCRYPTION + b"-aws-kms-key-id"
#: In the Authorization header: the access key, which may be the id of an account, and the region.
_SIGNED = re.compile(rb"Credential=(\d{12})?[^/]*/\d{8}/([a-z0-9-]+)/s3/")


def before(ministack: Application) -> Application:
    """Adds the key `aws/s3` of the account and region to requests to S3 that name no key."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await ministack(_named(scope) if scope["type"] == "http" else scope, receive, send)

    return serve


def _named(scope: Scope) -> Scope:
    headers = scope["headers"]
    if (_ENCRYPTION, b"aws:kms") not in headers or any(name == _KEY and value for name, value in headers):
        return scope
    signed = _SIGNED.search(next((value for name, value in headers if name == b"authorization"), b""))
    account, region = signed.groups() if signed else (None, REGION.encode())
    key = _arn((account or HOME_ACCOUNT.encode()).decode(), region.decode())
    return {**scope, "headers": [*(pair for pair in headers if pair[0] != _KEY), (_KEY, key.encode())]}


def _arn(account: str, region: str) -> str:
    """The key's ARN, which never changes: AWS creates one key for an account and region."""
    alias = f"arn:aws:kms:{region}:{account}:alias/aws/s3"
    return f"arn:aws:kms:{region}:{account}:key/{uuid5(NAMESPACE_URL, alias)}"
