"""S3: buckets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.aws.s3.objects import MISSING, delete_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from nrti_cli.aws.target import Target


class Buckets:
    """The buckets of the account.

    Args:
        target: the AWS.
    """

    def __init__(self, target: Target) -> None:
        self._region = target.region_name
        self._partition = target.session.get_partition_for_region(self._region)
        self._client: S3Client = target.client("s3")

    def exists(self, bucket: str) -> bool:
        """Whether the bucket exists and can be accessed with these credentials."""
        try:
            self._client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if code(error) in MISSING:
                return False
            raise
        return True

    def create(self, bucket: str) -> None:
        """Creates a bucket in the target's region; call `protect` before use."""
        if self._region == "us-east-1":
            self._client.create_bucket(Bucket=bucket)
        else:
            self._client.create_bucket(
                Bucket=bucket,
                CreateBucketConfiguration={"LocationConstraint": self._region},  # type: ignore[typeddict-item]
            )

    def protect(self, bucket: str, tags: dict[str, str]) -> None:
        """Makes a bucket private, encrypted and accessible over TLS only."""
        self._client.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        self._client.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        )
        policy = json.dumps(tls_only_policy(self.arn(bucket)))
        self._client.put_bucket_policy(Bucket=bucket, Policy=policy)
        self._client.put_bucket_tagging(
            Bucket=bucket, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}
        )

    def arn(self, bucket: str) -> str:
        """The ARN of a bucket in the partition of the region."""
        return f"arn:{self._partition}:s3:::{bucket}"

    def names(self) -> list[str]:
        """The names of all buckets of the account."""
        return [bucket["Name"] for bucket in self._client.list_buckets()["Buckets"]]

    def versions(self, bucket: str) -> int:
        """The number of versions and delete markers in a bucket."""
        return sum(len(page) for page in self._version_pages(bucket))

    def empty(self, bucket: str) -> None:
        """Deletes all objects and versions in a bucket.

        Raises:
            NrtiError: some could not be deleted.
        """
        for page in self._version_pages(bucket):
            delete_objects(self._client, bucket, page)

    def _version_pages(self, bucket: str) -> Iterator[list[ObjectIdentifierTypeDef]]:
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if found:
                yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]

    def delete(self, bucket: str) -> None:
        """Deletes a bucket with all objects and versions in it, if it still exists."""
        try:
            self.empty(bucket)
            self._client.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if code(error) not in MISSING:
                raise


def tls_only_policy(bucket_arn: str) -> dict[str, Any]:
    """The policy of a bucket that denies requests without TLS."""
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
