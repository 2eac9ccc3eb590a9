"""Recording labels against a stubbed Athena and S3: what is asked, what is written, and what may fail."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import ANY
from pyarrow import parquet

from nrti_cli.aws.target import Target
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.labels.batch import SCHEMA, Batch, batch
from nrti_cli.labels.recording import record
from nrti_cli.stack.outputs import Outputs
from tests.unit.conftest import SilentProgress, Stub

STACK = Outputs(**{field.name: f"the-{field.name}" for field in fields(Outputs)})
COUNTED = {"matched": "bigint", "unknown": "integer"}


class Body:
    """Takes what is written, as an expected parameter of any value."""

    def __init__(self) -> None:
        self.content = b""

    def __eq__(self, other: object) -> bool:
        self.content = bytes(other)  # type: ignore[call-overload]
        return True

    def __hash__(self) -> int:
        return id(self)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the written object."""
        table = parquet.read_table(io.BytesIO(self.content))
        assert table.schema.equals(SCHEMA)
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows


class Lake:
    """The stubbed services."""

    def __init__(self, stub: Stub) -> None:
        self.athena, self.s3 = stub("athena"), stub("s3")

    def starts(self) -> None:
        """Takes a query."""
        self.athena.add_response(
            "start_query_execution",
            {"QueryExecutionId": "q" * 36},
            {
                "QueryString": ANY,
                "WorkGroup": "the-workgroup",
                "QueryExecutionContext": {"Database": "the-database"},
            },
        )

    def answers(self, columns: dict[str, str], *rows: tuple[object, ...]) -> None:
        """Takes a query and gives these rows."""
        self.starts()
        self.athena.add_response("get_query_execution", {"QueryExecution": _execution("SUCCEEDED")})
        described = [{"Name": name, "Type": kind} for name, kind in columns.items()]
        self.athena.add_response(
            "get_query_results", {"ResultSet": {"ResultSetMetadata": {"ColumnInfo": described}, "Rows": []}}
        )
        lines = [tuple(columns), *rows]
        text = "".join(",".join(json.dumps(str(value)) for value in line) + "\n" for line in lines).encode()
        body = StreamingBody(io.BytesIO(text), len(text))
        self.s3.add_response("get_object", {"Body": body}, {"Bucket": "b", "Key": "r.csv"})

    def takes(self) -> Body:
        """Takes an object."""
        body = Body()
        self.s3.add_response("put_object", {}, {"Bucket": "the-lake_bucket", "Key": ANY, "Body": body})
        return body


def _execution(state: str, **more: Any) -> dict[str, Any]:
    configuration = {"OutputLocation": "s3://b/r.csv"}
    return {"QueryExecutionId": "q", "Status": {"State": state, **more}, "ResultConfiguration": configuration}


@pytest.fixture
def lake(stub: Stub) -> Lake:
    return Lake(stub)


def events(**labels: int) -> Batch:
    return batch("event", {"event_id": pa.array(list(labels))}, pa.array(list(labels.values())))


NEWEST = {"event_id": "varchar", "word": "bigint"}
AHEAD = 4_000_000_000_000_000_000


def test_what_is_new_is_written_after_all_that_is_recorded(
    target: Target, lake: Lake, progress: SilentProgress
) -> None:
    lake.answers(NEWEST, ("a", 2 * AHEAD + 1), ("b", 2 * 7))
    written = lake.takes()
    lake.answers(COUNTED, (1, 0))

    done = record(target, STACK, events(a=1, b=1, c=0), progress)

    assert (done.recorded, done.already_recorded, done.matched, done.unmatched) == (2, 1, 1, 1)
    assert [(row["event_id"], row["label"], row["recorded"]) for row in written.rows] == [
        ("b", 1, AHEAD + 1),
        ("c", 0, AHEAD + 2),
    ]
    assert str(done.object).startswith("s3://the-lake_bucket/labels/month=2096-10/")


def test_nothing_new_writes_nothing(target: Target, lake: Lake, progress: SilentProgress) -> None:
    lake.answers(NEWEST, ("a", 3))

    done = record(target, STACK, events(a=1), progress)

    assert (done.recorded, done.already_recorded, done.object) == (0, 1, None)


def test_labels_that_cannot_be_compared_are_not_written(
    target: Target, lake: Lake, progress: SilentProgress
) -> None:
    lake.athena.add_client_error("start_query_execution", "AccessDeniedException")

    with pytest.raises(ClientError):
        record(target, STACK, events(a=1), progress)


def test_what_cannot_be_counted_is_recorded_all_the_same(
    target: Target, lake: Lake, progress: SilentProgress
) -> None:
    lake.answers(NEWEST)
    written = lake.takes()
    lake.starts()
    reason = "Query exhausted resources: bytes scanned limit was exceeded"
    failed = _execution("FAILED", StateChangeReason=reason)
    lake.athena.add_response("get_query_execution", {"QueryExecution": failed})

    done = record(target, STACK, events(a=1), progress)

    assert len(written.rows) == 1
    assert (done.recorded, done.matched, done.unmatched, done.unknown_sensors) == (1, None, None, None)
    assert done.uncounted == f"the query failed: {reason}"


def test_throttling_while_counting_loses_nothing(
    target: Target, lake: Lake, progress: SilentProgress
) -> None:
    lake.answers(NEWEST)
    lake.takes()
    lake.athena.add_client_error("start_query_execution", "TooManyRequestsException", "slow down")

    done = record(target, STACK, events(a=1), progress)

    assert done.recorded == 1
    assert done.uncounted


def test_an_interrupt_while_counting_says_that_the_labels_are_recorded(
    target: Target, lake: Lake, progress: SilentProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.answers(NEWEST)
    lake.takes()

    def interrupt(message: str) -> None:
        if message.startswith("looking"):
            raise KeyboardInterrupt

    monkeypatch.setattr(progress, "update", interrupt)

    with pytest.raises(NrtiError, match="interrupted; 1 label had been recorded") as caught:
        record(target, STACK, events(a=1), progress)
    assert caught.value.exit_status == ExitStatus.INTERRUPTED
