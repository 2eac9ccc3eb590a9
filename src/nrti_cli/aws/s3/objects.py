"""S3: objects."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef, ObjectTypeDef

    from nrti_cli.aws.target import Target

#: Larger bodies are sent by multipart upload.
_PART_BYTES = 8 << 20
#: The error codes for a bucket or an object that does not exist.
MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}
#: A conditional write, when another one was faster.
_CONFLICT = {"PreconditionFailed", "ConditionalRequestConflict"}


@dataclass(frozen=True)
class Object:
    """An object of a listing, with its size in bytes."""

    key: str
    size: int
    written: datetime


class MissingBucketError(NrtiError):
    """A bucket does not exist."""

    def __init__(self, bucket: str) -> None:
        super().__init__(f"bucket {bucket} does not exist", hint="run nrti bootstrap")


@contextmanager
def existing_bucket(bucket: str) -> Iterator[None]:
    """Gives calls their error for a bucket that does not exist."""
    try:
        yield
    except ClientError as error:
        if code(error) == "NoSuchBucket":
            raise MissingBucketError(bucket) from error
        raise


class S3:
    """The objects of all buckets."""

    def __init__(self, target: Target) -> None:
        self._client: S3Client = target.client("s3")

    def object_exists(self, bucket: str, key: str) -> bool:
        """Whether the object exists."""
        try:
            self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code(error) in MISSING:
                return False
            raise
        return True

    def put(
        self, bucket: str, key: str, body: bytes, on_share: Callable[[float], None] = lambda _: None
    ) -> str:
        """Stores an object, by multipart upload if it is large; returns its `s3://` URI.

        Args:
            bucket: its bucket.
            key: its key.
            body: its content.
            on_share: called with the uploaded share of a large object, 0 to 1.
        """
        if len(body) < _PART_BYTES:
            with existing_bucket(bucket):
                self._client.put_object(Bucket=bucket, Key=key, Body=body)
            return f"s3://{bucket}/{key}"
        sent = 0

        def count(more: int) -> None:
            nonlocal sent
            sent += more
            on_share(sent / len(body))

        from boto3.s3.transfer import ProgressCallbackInvoker, TransferConfig, create_transfer_manager

        callbacks = [ProgressCallbackInvoker(count)]
        with create_transfer_manager(self._client, TransferConfig(_PART_BYTES)) as manager:
            manager.upload(io.BytesIO(body), bucket, key, subscribers=callbacks).result()
        return f"s3://{bucket}/{key}"

    def upload(self, path: Path, bucket: str, key: str) -> str:
        """Uploads a file, by multipart upload if it is large; returns its `s3://` URI."""
        from boto3.s3.transfer import S3Transfer

        S3Transfer(self._client).upload_file(str(path), bucket, key)
        return f"s3://{bucket}/{key}"

    def get(self, uri: str) -> bytes:
        """Reads the object at an `s3://` URI.

        Raises:
            NrtiError: it does not exist.
        """
        return self.open(uri).read()

    def open(self, uri: str) -> StreamingBody:
        """Opens the object at an `s3://` URI as a stream, for objects that may not fit into memory.

        Raises:
            NrtiError: it does not exist.
        """
        bucket, key = split_uri(uri)
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"]
        except ClientError as error:
            if code(error) in MISSING:
                raise NrtiError(f"object {uri} does not exist", hint="check its bucket and key") from error
            raise

    def get_tagged(self, bucket: str, key: str) -> tuple[bytes, str] | None:
        """An object's content and ETag; None if it does not exist.

        Raises:
            MissingBucketError: the bucket does not exist.
        """
        try:
            with existing_bucket(bucket):
                found = self._client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code(error) in MISSING:
                return None
            raise
        return found["Body"].read(), found["ETag"]

    def put_over(self, bucket: str, key: str, body: bytes, etag: str) -> bool:
        """Replaces an object if it still has this ETag; returns whether it did.

        Args:
            bucket: its bucket.
            key: its key.
            body: its new content.
            etag: as it was read; empty if the object must not exist.

        Raises:
            MissingBucketError: the bucket does not exist.
        """
        try:
            with existing_bucket(bucket):
                if etag:
                    self._client.put_object(Bucket=bucket, Key=key, Body=body, IfMatch=etag)
                else:
                    self._client.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if code(error) in _CONFLICT | MISSING:
                return False
            raise
        return True

    def keys(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """The keys under a prefix.

        Raises:
            MissingBucketError: the bucket does not exist.
        """
        return (item["Key"] for item in self._listed(bucket, prefix))

    def objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """The objects under a prefix.

        Raises:
            MissingBucketError: the bucket does not exist.
        """
        return map(_object, self._listed(bucket, prefix))

    def _listed(self, bucket: str, prefix: str) -> Iterator[ObjectTypeDef]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        with existing_bucket(bucket):
            for page in pages:
                yield from page.get("Contents", [])

    def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Deletes up to 1,000 objects; objects that do not exist are ignored.

        Raises:
            NrtiError: some could not be deleted.
        """
        delete_objects(self._client, bucket, [{"Key": key} for key in keys])

    def folders(self, bucket: str, prefix: str, delimiter: str = "/") -> list[str]:
        """The beginnings of the keys with a prefix, each up to the next delimiter."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, Delimiter=delimiter
        )
        with existing_bucket(bucket):
            return [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]

    def newest(self, bucket: str, prefix: str) -> Object | None:
        """The most recent object with a prefix, or None.

        Of more than a page, only those are listed whose names go on with the largest numbers: Firehose ends
        names in a version and the time, `…-1-2026-11-28-09-28-04-65b32b0d`; `nrti label` begins them with it.
        """
        with existing_bucket(bucket):
            page = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix)
        if not page.get("IsTruncated"):
            return _newest(map(_object, page.get("Contents", [])))
        parts = _last(self.folders(bucket, prefix, "-"), len(prefix))
        return _newest(filter(None, (self.newest(bucket, part) for part in parts)))


def delete_objects(client: S3Client, bucket: str, objects: Sequence[ObjectIdentifierTypeDef]) -> None:
    """Deletes up to 1,000 objects or versions of objects.

    Raises:
        NrtiError: some could not be deleted.
    """
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    for failed in answer.get("Errors", []):
        raise NrtiError(
            f"s3://{bucket}/{failed.get('Key')} cannot be deleted: {failed.get('Message')}",
            hint="run the command again",
        )


def _object(item: ObjectTypeDef) -> Object:
    return Object(item["Key"], item["Size"], item["LastModified"])


def _newest(objects: Iterable[Object]) -> Object | None:
    return max(objects, key=lambda each: each.written, default=None)


def _last(beginnings: Sequence[str], length: int) -> list[str]:
    """Of the beginnings of names, that with the largest number, and those with none.

    Args:
        beginnings: each a common one of `length`, a part of a name, and a hyphen.
        length: of what they have in common.
    """
    numbers = [each for each in beginnings if each[length:-1].isdecimal()]
    largest = sorted(numbers, key=lambda each: int(each[length:-1]))[-1:]
    return [*largest, *(each for each in beginnings if each not in numbers)]


def split_uri(uri: str) -> tuple[str, str]:
    """Splits an `s3://` URI into bucket and key.

    Raises:
        NrtiError: it is not an S3 URI.
    """
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc or not parts.path.strip("/"):
        raise NrtiError(f"{uri!r} is not an S3 URI", hint="write s3://bucket/key")
    return parts.netloc, parts.path.lstrip("/")
