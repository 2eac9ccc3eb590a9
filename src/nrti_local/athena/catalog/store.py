"""Access to the Glue catalog and to S3 through the public APIs of both services, in process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import unescape

from ministack.core.responses import get_account_id
from ministack.services import glue, s3

from nrti_local.athena.catalog.tables import GlueTable, Values
from nrti_local.athena.errors import AthenaError
from nrti_local.server.shared.ask import RefusedError, ask, ask_json

#: In ministack's answer to ListObjectsV2: an object's key and size, a common prefix, the next page's token.
_OBJECT = re.compile(rb"<Contents><Key>([^<]*)</Key>.*?<Size>(\d+)</Size>")
_FOLDER = re.compile(rb"<CommonPrefixes><Prefix>([^<]*)</Prefix>")
_NEXT = re.compile(rb"<NextContinuationToken>([^<]*)<")
_ENTITIES = {"&quot;": '"'}
#: As many as ministack returns at once: every page of a listing sorts all keys of the bucket.
_PAGE = 1_000_000


class AwsStore:
    """The catalog and S3 of the current account and region; blocks while Glue answers."""

    def has_database(self, name: str) -> bool:
        """Returns whether the catalog has the database."""
        return _found("GetDatabase", Name=name) is not None

    def databases(self) -> list[str]:
        """Returns the names of all databases."""
        return sorted(each["Name"] for each in _ask("GetDatabases")["DatabaseList"])

    def tables(self, database: str) -> list[str]:
        """Returns the names of a database's tables."""
        return sorted(each["Name"] for each in _ask("GetTables", DatabaseName=database)["TableList"])

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """Returns a table as Glue's GetTable does, or None."""
        found = _found("GetTable", DatabaseName=database, Name=name)
        return found and dict(found["Table"])

    def create_table(self, database: str, table_input: dict[str, Any]) -> None:
        """Creates a table by Glue's CreateTable."""
        _change("CreateTable", DatabaseName=database, TableInput=table_input)

    def drop_table(self, database: str, name: str) -> None:
        """Deletes a table of the catalog; its objects stay."""
        _change("DeleteTable", DatabaseName=database, Name=name)

    def partitions(self, database: str, name: str) -> list[tuple[Values, str]]:
        """Returns the partitions of a table by Glue's GetPartitions: their values and their locations."""
        found = _ask("GetPartitions", DatabaseName=database, TableName=name)["Partitions"]
        return [(tuple(each["Values"]), each["StorageDescriptor"]["Location"]) for each in found]

    def add_partitions(self, table: GlueTable, partitions: list[tuple[Values, str]]) -> None:
        """Adds partitions by Glue's BatchCreatePartition."""
        storage = table.definition["StorageDescriptor"]
        inputs = [
            {"Values": list(values), "StorageDescriptor": {**storage, "Location": place}}
            for values, place in partitions
        ]
        failed = _change("BatchCreatePartition", table, PartitionInputList=inputs)["Errors"]
        for each in failed:
            raise AthenaError(f"{each['ErrorDetail']['ErrorCode']}: {each['ErrorDetail']['ErrorMessage']}")

    def drop_partition(self, table: GlueTable, values: Values) -> None:
        """Deletes a partition of the catalog; its objects stay."""
        _change("DeletePartition", table, PartitionValues=list(values))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Returns the prefixes that the keys under a prefix have up to the next slash, which is included."""
        return [_text(folder) for page in _listing(bucket, prefix, "/") for folder in _FOLDER.findall(page)]

    def objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """Returns the key and the size in bytes of each object under a prefix."""
        return [
            (_text(key), int(size))
            for page in _listing(bucket, prefix)
            for key, size in _OBJECT.findall(page)
        ]

    def file(self, bucket: str, key: str, size: int | None = None) -> Path | None:
        """Returns the file in which ministack keeps the object, or None if it keeps it elsewhere.

        Args:
            bucket: the object's bucket.
            key: the object's key.
            size: the object's size in bytes; a file of another size is an outdated version.
        """
        path = Path(s3.DATA_DIR, get_account_id(), bucket, key)
        in_bucket = ".." not in path.parts and not key.startswith("/")
        if not s3.S3_PERSIST or not in_bucket or not path.is_file():
            return None
        return path if size in (None, path.stat().st_size) else None

    def content(self, bucket: str, key: str) -> bytes | None:
        """Returns the object's bytes, or None if it does not exist."""
        try:
            return ask(s3, "GET", f"/{bucket}/{key}")[2]
        except RefusedError:
            return None

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Puts an object."""
        try:
            ask(s3, "PUT", f"/{bucket}/{key}", content, content_type="application/octet-stream")
        except RefusedError as error:
            raise AthenaError(f"GENERIC_USER_ERROR: Unable to write to s3://{bucket}/{key}") from error


def _listing(bucket: str, prefix: str, delimiter: str = "") -> Iterator[bytes]:
    """The pages of ListObjectsV2; none if the bucket does not exist."""
    query = {"list-type": "2", "prefix": prefix, "delimiter": delimiter, "max-keys": str(_PAGE)}
    while True:
        try:
            page = ask(s3, "GET", f"/{bucket}", query=urlencode(query))[2]
        except RefusedError:
            return
        yield page
        following = _NEXT.search(page)
        if following is None:
            return
        query["continuation-token"] = _text(following[1])


def _text(escaped: bytes) -> str:
    return unescape(escaped.decode(), _ENTITIES)


def _ask(operation: str, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = ask_json(glue, f"AWSGlue.{operation}", request)
    return answer


def _found(operation: str, **request: Any) -> dict[str, Any] | None:
    try:
        return _ask(operation, **request)
    except RefusedError:
        return None


def _change(operation: str, table: GlueTable | None = None, **request: Any) -> dict[str, Any]:
    named = dict(zip(("DatabaseName", "TableName"), table.name, strict=True)) if table else {}
    try:
        return _ask(operation, **named, **request)
    except RefusedError as error:
        raise AthenaError(error.message) from error
