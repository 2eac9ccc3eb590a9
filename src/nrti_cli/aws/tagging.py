"""The Resource Groups Tagging API: finds resources of all services by a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_resourcegroupstaggingapi.client import ResourceGroupsTaggingAPIClient

    from nrti_cli.aws.target import Target


def tagged(target: Target, key: str, value: str) -> Iterator[str]:
    """The ARNs of resources with a tag; AWS may list deleted ones for some minutes.

    KMS keys that are scheduled for deletion are skipped: AWS never deletes a key at once.
    """
    client: ResourceGroupsTaggingAPIClient = target.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": key, "Values": [value]}])
    for page in pages:
        for found in page["ResourceTagMappingList"]:
            arn = found["ResourceARN"]
            if arn.split(":")[2] != "kms" or not _is_going(target.client("kms"), arn):
                yield arn


def _is_going(client: KMSClient, arn: str) -> bool:
    return client.describe_key(KeyId=arn)["KeyMetadata"].get("KeyState") == "PendingDeletion"
