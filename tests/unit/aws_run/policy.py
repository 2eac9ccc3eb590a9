"""What the policies in docs/ allow, and which permission a call of the SDK takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "docs" / "deployer-policy.json"
OPERATOR = FILE.with_name("operator-policy.json")

#: Where IAM's name of a service is not that of the SDK's client.
_PREFIXES = {"resourcegroupstaggingapi": "tag", "sagemaker-runtime": "sagemaker"}
#: S3's operations and its actions have different names.
_S3 = {
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjectVersions": "ListBucketVersions",
    "DeleteObjects": "DeleteObjectVersion",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
#: API Gateway's actions are HTTP methods; most of its operations begin with theirs.
_VERBS = {"Update": "PATCH"}
#: As for S3: an operation of Lambda, and its action.
_LAMBDA = {"Invoke": "InvokeFunction"}
#: Takes no permission.
_FREE = {"sts:GetCallerIdentity"}


def statements(file: Path = FILE) -> list[dict[str, Any]]:
    """The policy's statements."""
    found: list[dict[str, Any]] = json.loads(file.read_text())["Statement"]
    return found


def action(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    if service == "s3":
        return f"s3:{_S3.get(operation, operation)}"
    if service == "apigateway":
        verb = re.match("[A-Z][a-z]+", operation)
        assert verb
        return f"apigateway:{_VERBS.get(verb[0], verb[0].upper())}"
    if service == "lambda":
        return f"lambda:{_LAMBDA.get(operation, operation)}"
    return f"{_PREFIXES.get(service, service)}:{operation}"


def allowed(wanted: str, file: Path = FILE) -> bool:
    """Whether some statement allows an action, on whatever resource."""
    return wanted in _FREE or any(fnmatchcase(wanted, pattern) for pattern in patterns(file))


def patterns(file: Path = FILE) -> Iterator[str]:
    """The actions that are allowed, with their wildcards."""
    for statement in statements(file):
        actions = statement["Action"]
        yield from [actions] if isinstance(actions, str) else actions
