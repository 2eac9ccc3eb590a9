"""Training data from the lake: which events, once each, in which shape, and what is said otherwise."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.training.dataset import LINEAGE_KEY, Dataset
from nrti_cli.models.training.joined import beside
from nrti_cli.models.training.lake_query import Wanted, statement
from nrti_cli.models.training.lake_rows import load
from nrti_cli.tables.schema import Schema
from tests.unit.conftest import Stub
from tests.unit.models.conftest import MOMENT
from tests.unit.quality.outcomes import outcomes, run

_TYPES = {
    "model": "varchar",
    "version": "varchar",
    "channels": "integer",
    "sensor": "varchar",
    "truth": "integer",
    "data": "array",
    "moment": "bigint",
}
V1, V2 = "20261128095740062", "20261128101500001"
_FAILED = "COLUMN_NOT_FOUND: line 16:1: Column 'sensr' cannot be resolved"


def _chosen(wanted: Wanted, scratch: Path, *, published: bool = True, **columns: Any) -> list[dict[str, str]]:
    rows = len(next(iter(columns.values())))
    return run(statement(wanted, published=published), outcomes(rows, **columns), scratch)


def test_each_labelled_event_counts_once(tmp_path: Path) -> None:
    at = np.datetime64("2026-11-20T10:00:00.123", "ms")
    columns: dict[str, Any] = {
        "event_id": ["a", "a", "b", "c"],
        "event_time": [at, at, at + 1, at + 2],
        "model": ["m", "s", "m", "m"],
        "truth": [1, 1, 0, None],
        "shadow": [False, True, None, None],
        "data": [[1.5, 2.0], [1.5, 2.0], [3.0, 4.0], [5.0, 6.0]],
    }

    for wanted, published in ((Wanted("m"), True), (Wanted("new"), False)):
        rows = _chosen(wanted, tmp_path, published=published, **columns)
        assert [(row["model"], row["truth"], row["data"]) for row in rows] == [
            ("m", "1", "[1.5, 2.0]"),
            ("m", "0", "[3.0, 4.0]"),
        ]
        assert [int(row["moment"]) for row in rows] == [1_795_168_800_123, 1_795_168_800_124]
    again = {**columns, "model": ["m"] * 4, "shadow": [None] * 4, "rescored": [False, True, None, None]}
    assert len(_chosen(Wanted("m"), tmp_path, **again)) == 2


def test_a_condition_only_filters(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "sensor": ["a", "b", "a"],
        "truth": [1, 0, None],
        "model": ["m", "m", "other"],
        "data": [[1.0]] * 3,
    }

    rows = _chosen(Wanted("m", where="sensor = 'a' or true"), tmp_path, **columns)
    assert [row["sensor"] for row in rows] == ["a", "b"]
    since = datetime(2026, 11, 20, 0, 0, 0, 1_000, tzinfo=UTC)
    rows = _chosen(Wanted("m", since=since), tmp_path, **columns)
    assert [row["sensor"] for row in rows] == ["b"]


def _has_no_models(stub: Stub) -> None:
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": []})
    described = {"StackName": "nrti", "StackStatus": "CREATE_COMPLETE", "CreationTime": MOMENT}
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [described]})


def test_a_condition_on_the_model_decides_whose_predictions_are_used(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "model": ["m", "other", "other"],
        "truth": [1, 0, 1],
        "shadow": [False, False, True],
        "data": [[1.0]] * 3,
    }

    rows = _chosen(Wanted("m", where="Model = 'other'"), tmp_path, **columns)
    assert [row["model"] for row in rows] == ["other", "other"]
    rows = _chosen(Wanted("m", where="sensor <> 'model'"), tmp_path, **columns)
    assert [row["model"] for row in rows] == ["m"]


def _answers(stub: Stub, rows: list[tuple[Any, ...]]) -> None:
    """No model is published, and Athena has these rows, in the order of `_TYPES`."""
    _has_no_models(stub)
    athena = stub("athena")
    athena.add_response("start_query_execution", {"QueryExecutionId": "q"})
    execution = {
        "QueryExecutionId": "q",
        "Status": {"State": "SUCCEEDED"},
        "ResultConfiguration": {"OutputLocation": "s3://lake/q.csv"},
    }
    athena.add_response("get_query_execution", {"QueryExecution": execution})
    columns = [{"Name": name, "Type": kind} for name, kind in _TYPES.items()]
    athena.add_response(
        "get_query_results", {"ResultSet": {"ResultSetMetadata": {"ColumnInfo": columns}, "Rows": []}}
    )
    text = io.StringIO()
    for row in [tuple(_TYPES), *rows]:
        text.write(",".join("" if value is None else f'"{value}"' for value in row) + "\n")
    body = text.getvalue().encode()
    stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))})


def _rows(count: int, values: str = "[1.0, {}.5, 3.0]", **changes: Any) -> list[tuple[Any, ...]]:
    row: dict[str, Any] = {"model": "m", "version": V1, "channels": None}
    row |= {"sensor": "a", "truth": 0, "data": values, "moment": 0, **changes}
    return [
        tuple({**row, "truth": number % 2, "data": values.format(number), "moment": 1_000 + number}.values())
        for number in range(count)
    ]


def _signatures(stub: Stub, model: str, **features: list[str]) -> None:
    """What S3 has of a model: a signature for some versions."""
    s3, prefix = stub("s3"), f"signatures/nrti-{model}/"
    versions = {"v1": V1, "v2": V2}
    documents = {f"{prefix}{versions[name]}.json": names for name, names in features.items()}
    s3.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": key, "Size": 1, "LastModified": MOMENT} for key in documents]},
        {"Bucket": ANY, "Prefix": prefix},
    )
    for key, names in documents.items():
        s3.add_response("get_object", _object({"inputs": {"features": names}}), {"Bucket": ANY, "Key": key})


def _object(document: Any) -> dict[str, Any]:
    body = json.dumps(document).encode()
    return {"Body": StreamingBody(io.BytesIO(body), len(body))}


def _unknown(stub: Stub) -> None:
    """The version has no signature, and there is no training of the model."""
    _signatures(stub, "m")
    stub("sagemaker").add_response("list_training_jobs", {"TrainingJobSummaries": []})


def test_the_sequences_are_those_that_were_scored(target: Target, stub: Stub) -> None:
    _answers(stub, _rows(40))
    _unknown(stub)

    found = load(target, Wanted("new"))

    assert found.features == ("x1", "x2", "x3")
    assert found.values[:2].tolist() == [[1.0, 0.5, 3.0], [1.0, 1.5, 3.0]]
    assert found.labels.tolist() == [0, 1] * 20
    assert found.times is not None
    assert found.times[0] == 1_000
    assert found.groups is not None
    assert set(found.groups.to_pylist()) == {"a"}
    assert found.lineage["lake_rows"] == 40
    assert "from outcomes" in found.lineage["query"]
    assert "40 labelled events of the lake, 20 failures" in found.remarks[0]
    metadata = pq.read_schema(io.BytesIO(found.parquet())).metadata
    assert json.loads(metadata[LINEAGE_KEY]) == found.lineage


def test_channels_are_kept(target: Target, stub: Stub) -> None:
    _answers(stub, _rows(40, "[1.0, {}.5, 3.0, 4.0]", channels=2))
    _unknown(stub)

    found = load(target, Wanted("new"))

    assert found.features == ("channel 1[0]", "channel 2[0]", "channel 1[1]", "channel 2[1]")
    assert found.schema
    assert found.schema.window == 2


def test_the_names_are_those_of_the_version_that_scored_the_rows(target: Target, stub: Stub) -> None:
    _answers(stub, [*_rows(20, version=V2), *_rows(22)])
    _signatures(stub, "m", v1=["a", "b", "c"], v2=["b", "a", "c"])

    found = load(target, Wanted("new"))

    assert found.features == ("a", "b", "c")
    (remark,) = found.remarks[1:]
    assert remark == (
        f"version {V2} of m took 'b', 'a', 'c', not 'a', 'b', 'c'; "
        f"to leave its rows out, use --where \"version <> '{V2}'\""
    )


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"model": "n"}, "20 with 3 values by model m, 20 with 3 values by model n"),
        ({"values": "[1.0, {}.0]"}, "20 with 2 values by model m, 20 with 3 values by model m"),
    ],
)
def test_sequences_of_several_kinds_need_a_choice(
    target: Target, stub: Stub, others: dict[str, Any], reason: str
) -> None:
    _answers(stub, [*_rows(20), *_rows(20, **others)])

    with pytest.raises(NrtiError, match=f"are not of one kind: {reason}: choose with --where"):
        load(target, Wanted("new"))


def test_without_labels_there_is_nothing_to_train_on(target: Target, stub: Stub) -> None:
    _answers(stub, [])

    with pytest.raises(NrtiError, match="the lake has no such labelled predictions: label predictions with"):
        load(target, Wanted("new"))


def test_an_error_of_the_condition_is_one_line_that_says_where(target: Target, stub: Stub) -> None:
    _has_no_models(stub)
    athena = stub("athena")
    athena.add_response("start_query_execution", {"QueryExecutionId": "q"})
    status = {"State": "FAILED", "StateChangeReason": _FAILED}
    athena.add_response(
        "get_query_execution", {"QueryExecution": {"QueryExecutionId": "q", "Status": status}}
    )

    with pytest.raises(NrtiError, match=r"sensr.* cannot be resolved: check --where, which begins in line 1"):
        load(target, Wanted("new", where="sensr = 'a'"))


def test_a_file_without_times_is_earlier_than_the_lake() -> None:
    labels = np.array([0, 1] * 10, dtype=np.int8)
    file = Dataset("data.csv", ("a", "b"), np.zeros((20, 2)), labels, schema=Schema(features=("a", "b")))
    rows = Dataset(
        "the lake", ("x1", "x2"), np.ones((20, 2)), labels, times=np.arange(20) + 100, lineage={"query": "q"}
    )

    both = beside(file, rows)

    assert both.features == ("a", "b")
    assert both.schema == file.schema
    assert both.times is not None
    assert both.times.tolist() == [99] * 20 + list(range(100, 120))
    assert both.values[:, 0].tolist() == [0.0] * 20 + [1.0] * 20
    assert both.groups is not None
    assert both.groups.to_pylist() == ["data.csv"] * 20 + ["the lake"] * 20
    assert both.lineage == {"query": "q", "file": "data.csv"}
    short = Dataset("short.csv", ("a",), np.zeros((20, 1)), labels)
    with pytest.raises(
        NrtiError, match=r"short\.csv gives sequences of 1 values, but those of the lake have 2"
    ):
        beside(short, rows)
