"""The order of a run, and what is done while AWS is busy or the delivery is behind."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY
from pyarrow import parquet

from nrti_cli.aws.dynamodb.item_deletion import ItemDeletion
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.forgetting.records import Scope
from nrti_cli.forgetting.run import Forgetting, Tally
from nrti_cli.stack.outputs import Outputs
from nrti_local.process import REGION
from tests.unit.conftest import Stub
from tests.unit.deadletters.letters import present

STACK = Outputs(**{field.name: f"the-{field.name}" for field in fields(Outputs)})
AT = 1_790_000_000_000
SCOPE = Scope("s", AT)
ARTIFACTS = f"nrti-artifacts-000000000000-{REGION}"


def _written(number: int) -> dict[str, Any]:
    return {"DeleteRequest": {"Key": {"sensor": {"S": "s"}, "event_key": {"S": f"k{number}"}}}}


def test_items_that_dynamodb_left_are_deleted_later(
    target: Target, stub: Stub, wait_delays: list[float]
) -> None:
    dynamodb = stub("dynamodb")
    first, rest = [_written(number) for number in range(25)], [_written(25)]
    for asked, left in ((first, first[:2]), (first[:2], []), (rest, [])):
        unprocessed = {"t": left} if left else {}
        dynamodb.add_response(
            "batch_write_item", {"UnprocessedItems": unprocessed}, {"RequestItems": {"t": asked}}
        )
    deletion = ItemDeletion(target, "t", wait_delays.append)

    assert list(deletion.delete([("s", f"k{number}") for number in range(26)])) == [25, 1]
    assert wait_delays == [0.1]


def test_a_table_that_stays_busy_is_given_up(target: Target, stub: Stub, wait_delays: list[float]) -> None:
    left = {"t": [_written(0)]}
    for _ in range(8):
        stub("dynamodb").add_response("batch_write_item", {"UnprocessedItems": left})

    with pytest.raises(NrtiError, match="too busy to be written: run it again later"):
        list(ItemDeletion(target, "t", wait_delays.append).delete([("s", "k0")]))


def _file(*events: str) -> dict[str, Any]:
    sink = io.BytesIO()
    parquet.write_table(pa.table({"sensor": ["s"] * len(events), "event_id": list(events)}), sink)
    content = sink.getvalue()
    return {"Body": StreamingBody(io.BytesIO(content), len(content))}


def _catalog(stub: Stub) -> None:
    columns = [{"Name": name, "Type": "string"} for name in ("sensor", "event_id", "prediction")]
    storage = {"Columns": columns, "Location": "s3://lake/predictions/"}
    raw = {"Name": "predictions_raw", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    view = {"Name": "predictions", "TableType": "VIRTUAL_VIEW", "StorageDescriptor": {"Columns": columns}}
    stub("glue").add_response("get_tables", {"TableList": [view, raw]}, {"DatabaseName": STACK.database})


def _lake(stub: Stub, *files: str) -> None:
    listed = [{"Key": f"predictions/{name}", "Size": 9, "ETag": name} for name in files]
    stub("s3").add_response(
        "list_objects_v2", {"Contents": listed}, {"Bucket": "lake", "Prefix": "predictions/"}
    )


def _looked_into(stub: Stub, name: str, *events: str) -> None:
    stub("s3").add_response(
        "get_object", _file(*events), {"Bucket": "lake", "Key": f"predictions/{name}", "IfMatch": name}
    )


def _deleted(stub: Stub, name: str, *events: str) -> None:
    _looked_into(stub, name, *events)
    stub("s3").add_response("delete_object", {}, {"Bucket": "lake", "Key": f"predictions/{name}"})


def run(target: Target, stub: Stub, *, late: bool, artifacts: str = ARTIFACTS) -> tuple[Tally, list[float]]:
    """Two items, of which one is in the lake; the other row comes when the command looks again, or never."""
    _catalog(stub)
    items = [
        {
            "sensor": {"S": "s"},
            "event_key": {"S": f"k{number}"},
            "event_id": {"S": f"e{number}"},
            "model": {"S": "m"},
            "predicted_at": {"N": str(AT - 60_000 * (2 - number))},
        }
        for number in (0, 1, 2)
    ]
    items[2]["predicted_at"] = {"N": str(AT + 1)}  # made after the command began
    stub("dynamodb").add_response("query", {"Items": items})
    _lake(stub, "1")
    _looked_into(stub, "1", "e0")
    kept = {"Bucket": artifacts, "Prefix": "unparked/"}
    stub("s3").add_response("list_objects_v2", {}, kept)
    stub("s3").add_response("put_object", {}, {"Bucket": artifacts, "Key": ANY, "Body": b""})
    for _ in range(2):
        present(stub, 0)
        stub("sqs").add_response("receive_message", {})
    stub("dynamodb").add_response(
        "batch_write_item", {}, {"RequestItems": {STACK.table: [_written(0), _written(1)]}}
    )
    _deleted(stub, "1", "e0")
    stub("s3").add_response("list_objects_v2", {}, kept)
    slept: list[float] = []
    now = [AT / 1000]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += 60

    _lake(stub)
    if late:
        for _ in range(3):
            _lake(stub)
    else:
        _lake(stub, "2")
        _looked_into(stub, "2", "e1")
        _deleted(stub, "2", "e1")
    forgetting = Forgetting(target, STACK, SCOPE, timedelta(minutes=2), sleep, lambda: now[0])
    list(forgetting.delete(forgetting.find()))
    return forgetting.deleted, slept


def test_rows_on_their_way_are_awaited(target: Target, stub: Stub) -> None:
    deleted, slept = run(target, stub, late=False)

    assert (deleted.items, deleted.rows, deleted.objects, deleted.undelivered) == (
        2, {"predictions_raw": 2}, 2, 0,
    )  # fmt: skip
    assert len(slept) == 1


def test_rows_that_do_not_come_are_counted(target: Target, stub: Stub) -> None:
    deleted, slept = run(target, stub, late=True)

    assert (deleted.items, deleted.undelivered) == (2, 1)
    assert len(slept) == 3
