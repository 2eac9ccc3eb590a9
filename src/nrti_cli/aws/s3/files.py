"""S3: objects as files, of which parts are read, and which are replaced as a whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.aws.s3.objects import existing_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from nrti_cli.aws.target import Target

#: Smaller objects are read whole: each read is a request.
_SMALL = 1 << 20
#: The errors for an object that was deleted or replaced meanwhile.
_CHANGED = {"NoSuchKey", "404", "PreconditionFailed", "412", "ConditionalRequestConflict"}


class ChangedError(Exception):
    """The object was deleted or replaced meanwhile."""


@dataclass(frozen=True)
class StoredFile:
    """An object of a listing; `etag` changes with its content."""

    key: str
    size: int
    etag: str


class StoredFiles:
    """The objects of one bucket; several threads may share it.

    Args:
        target: the AWS.
        bucket: its name.
    """

    def __init__(self, target: Target, bucket: str) -> None:
        self._client: S3Client = target.client("s3")
        self._bucket = bucket

    def under(self, prefix: str) -> Iterator[StoredFile]:
        """The objects with a prefix.

        Raises:
            MissingBucketError: the bucket does not exist.
        """
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with existing_bucket(self._bucket):
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredFile(found["Key"], found["Size"], found["ETag"])

    def open(self, file: StoredFile) -> io.BufferedIOBase | io.RawIOBase:
        """Opens an object for reads at any position.

        Raises:
            ChangedError: it has changed; reads from the file may raise it as well.
        """
        return io.BytesIO(self.read(file)) if file.size <= _SMALL else _Ranges(self, file)

    def read(self, file: StoredFile, first: int = 0, last: int | None = None) -> bytes:
        """The content of an object, or the bytes of a range that includes both ends.

        Raises:
            ChangedError: it has changed.
        """
        wanted = {} if last is None else {"Range": f"bytes={first}-{last}"}
        try:
            answer = self._client.get_object(
                Bucket=self._bucket,
                Key=file.key,
                IfMatch=file.etag,
                **wanted,  # type: ignore[arg-type]
            )
            return answer["Body"].read()
        except ClientError as error:
            raise _changed(error) from error

    def replace(self, file: StoredFile, content: bytes) -> None:
        """Puts another content in place of an object, in one step.

        Raises:
            ChangedError: it has changed, and stays as it is.
        """
        try:
            self._client.put_object(Bucket=self._bucket, Key=file.key, Body=content, IfMatch=file.etag)
        except ClientError as error:
            raise _changed(error) from error

    def delete(self, file: StoredFile) -> None:
        """Deletes an object; one that does not exist is ignored."""
        self._client.delete_object(Bucket=self._bucket, Key=file.key)


def _changed(error: ClientError) -> Exception:
    return ChangedError() if code(error) in _CHANGED else error


class _Ranges(io.RawIOBase):
    """A file whose reads are requests for ranges."""

    def __init__(self, files: StoredFiles, file: StoredFile) -> None:
        self._files, self._file, self._position = files, file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        last = min(self._position + len(buffer), self._file.size) - 1
        if last < self._position:
            return 0
        content = self._files.read(self._file, self._position, last)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
