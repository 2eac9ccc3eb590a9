"""The comparison of two models by the lake: what Athena is asked, and what is made of its answer."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.lake_comparison import compare_in_lake
from tests.unit.conftest import Stub, missing

SINCE = datetime(2026, 11, 27, 4, 30, 0, 250_000, tzinfo=UTC)
_TYPES = {
    "truth": "integer",
    "first_version": "varchar",
    "second_version": "varchar",
    "first_prediction": "integer",
    "second_prediction": "integer",
    "first_score": "double",
    "second_score": "double",
    "events": "bigint",
}
HEAD = ",".join(f'"{name}"' for name in _TYPES)


@dataclass(frozen=True)
class Asked:
    """A text with some parts, whatever is between them."""

    parts: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return all(part in str(other) for part in self.parts)

    __hash__ = None  # type: ignore[assignment]


def _answers(stub: Stub, *rows: str, sql: Any = ANY) -> None:
    athena = stub("athena")
    athena.add_response(
        "start_query_execution",
        {"QueryExecutionId": "q"},
        {"QueryString": sql, "QueryExecutionContext": ANY, "WorkGroup": "nrti"},
    )
    execution = {
        "QueryExecutionId": "q",
        "StatementType": "DML",
        "Status": {"State": "SUCCEEDED"},
        "Statistics": {"DataScannedInBytes": 1, "TotalExecutionTimeInMillis": 1},
        "ResultConfiguration": {"OutputLocation": "s3://b/q.csv"},
    }
    athena.add_response("get_query_execution", {"QueryExecution": execution})
    columns = [{"Name": name, "Type": kind} for name, kind in _TYPES.items()]
    athena.add_response(
        "get_query_results", {"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": columns}}}
    )
    text = "\n".join([HEAD, *rows, ""]).encode()
    stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(text), len(text))})


def test_events_are_counted_by_who_scored_them_and_agreement_by_those_of_both(
    target: Target, stub: Stub
) -> None:
    _answers(
        stub,
        ',"1","2","0","0",,,"90"',
        ',"1","2","1","0",,,"6"',
        ',"1",,"0",,,,"7"',
        ',,"2",,"1",,,"3"',
        '"1","1","2","1","1","0.9","0.8","4"',
        sql=Asked(
            (
                "day >= '2026-11-27'",
                "received_time >= timestamp '2026-11-27 04:30:00.250'",
                "model in ('a', 'b')",
                "from outcomes",
            )
        ),
    )

    found = compare_in_lake(target, ("a", "b"), SINCE)

    events = found.coverage
    assert (events.both, events.only_first, events.only_second, events.labelled) == (100, 7, 3, 4)
    assert events.agreement == 0.94
    assert events.interval == pytest.approx((0.8752, 0.9722), abs=1e-3)
    assert found.quality
    assert found.quality.rows == 4


def test_the_quality_is_that_of_the_labelled_events(target: Target, stub: Stub) -> None:
    _answers(
        stub,
        '"1","1","2","1","1","0.9","0.9","2"',
        '"1","1","3","0","1","0.4","0.7","1"',
        '"0","1","2","0","0","0.1","0.1","5"',
        '"0","1","2","1","0","0.6","0.2","1"',
        ',"1","2","1","0",,,"8"',
    )

    quality = compare_in_lake(target, ("a", "b"), SINCE).quality

    assert quality
    first, second = quality.models
    assert first.confusion == {"tn": 5, "fp": 1, "fn": 1, "tp": 2}
    assert second.confusion == {"tn": 6, "fp": 0, "fn": 0, "tp": 3}
    assert (first.metrics["precision"], first.metrics["recall"]) == pytest.approx((2 / 3, 2 / 3))
    assert second.metrics["f1"] == 1
    assert (first.version, second.version) == ("1", "3")
    assert set(quality.difference) == set(first.metrics)


def test_without_labels_there_is_no_quality(target: Target, stub: Stub) -> None:
    _answers(stub, ',"1","2","0","0",,,"90"')

    assert compare_in_lake(target, ("a", "b"), SINCE).quality is None


def test_models_without_predictions_are_an_error(target: Target, stub: Stub) -> None:
    _answers(stub)

    with pytest.raises(NrtiError, match="neither a nor b has a prediction in the lake since then: choose"):
        compare_in_lake(target, ("a", "b"), SINCE)


def test_a_model_that_exists_neither_in_the_lake_nor_as_an_endpoint_is_an_error(
    target: Target, stub: Stub
) -> None:
    _answers(stub, ',"1",,"0",,,,"7"')
    missing(stub("sagemaker"), "describe_endpoint", "endpoint", EndpointName="nrti-wrong")
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": []})
    stub("cloudformation").add_response(
        "describe_stacks",
        {"Stacks": [{"StackName": "nrti", "CreationTime": SINCE, "StackStatus": "CREATE_COMPLETE"}]},
    )

    with pytest.raises(NrtiError, match="model 'wrong' does not exist"):
        compare_in_lake(target, ("a", "wrong"), SINCE)
