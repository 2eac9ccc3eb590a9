"""Files of the lake that change while they are rewritten."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from pyarrow import parquet

from nrti_cli.aws.glue import RawTable
from nrti_cli.aws.s3.files import StoredFile
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.forgetting.lake import LakeTable, Part
from nrti_cli.forgetting.records import Scope
from nrti_cli.forgetting.rows import Wanted
from tests.unit.conftest import Stub

WANTED = Wanted(Scope("s", at=1))
TABLE = RawTable("predictions_raw", frozenset({"sensor"}), "s3://lake/predictions/")
PART = Part(StoredFile("predictions/a", 9, "1"), [None])


def _file(*sensors: str) -> dict[str, Any]:
    sink = io.BytesIO()
    parquet.write_table(pa.table({"sensor": list(sensors)}), sink)
    content = sink.getvalue()
    return {"Body": StreamingBody(io.BytesIO(content), len(content))}


@pytest.fixture
def s3(stub: Stub) -> Stubber:
    return stub("s3")


def _read(s3: Stubber, etag: str, *sensors: str) -> None:
    s3.add_response("get_object", _file(*sensors), {"Bucket": "lake", "Key": PART.file.key, "IfMatch": etag})


def _listed(s3: Stubber, *etags: str) -> None:
    found = [{"Key": PART.file.key, "Size": 9, "ETag": etag} for etag in etags]
    s3.add_response("list_objects_v2", {"Contents": found}, {"Bucket": "lake", "Prefix": PART.file.key})


def test_a_file_that_another_run_rewrites_is_read_again(target: Target, s3: Stubber) -> None:
    lake = LakeTable(target, TABLE)
    _read(s3, "1", "s", "t", "u")
    s3.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    _listed(s3, "2")
    _read(s3, "2", "s", "t")
    expected = {"Bucket": "lake", "Key": PART.file.key, "Body": ANY, "IfMatch": "2"}
    s3.add_response("put_object", {}, expected)

    assert lake.remove(PART, WANTED) == 1


def test_a_file_that_has_expired_meanwhile_is_gone_as_well(target: Target, s3: Stubber) -> None:
    lake = LakeTable(target, TABLE)
    s3.add_client_error("get_object", "NoSuchKey")
    _listed(s3)

    assert lake.remove(PART, WANTED) == 0


def test_a_file_of_the_sensor_alone_is_deleted(target: Target, s3: Stubber) -> None:
    lake = LakeTable(target, TABLE)
    _read(s3, "1", "s", "s")
    s3.add_response("delete_object", {}, {"Bucket": "lake", "Key": PART.file.key})

    assert lake.remove(PART, WANTED) == 2


def test_a_file_that_never_stays_the_same_is_given_up(target: Target, s3: Stubber) -> None:
    lake = LakeTable(target, TABLE)
    for number in range(1, 6):
        _read(s3, str(number), "s", "t")
        s3.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
        _listed(s3, str(number + 1))

    with pytest.raises(NrtiError, match="changes all the time: run nrti forget again"):
        lake.remove(PART, WANTED)
