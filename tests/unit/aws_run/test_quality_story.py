"""All that `nrti quality` and `nrti train --from-lake` ask of the lake with `--target aws`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.training.lake_query import Wanted
from nrti_cli.models.training.lake_query import statement as training_statement
from nrti_cli.models.training.lake_rows import load
from nrti_cli.quality.judging import judge
from nrti_cli.quality.statement import Selection, statement
from tests.unit.aws_run.conftest import ACCOUNT
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.aws_run.quality_recordings import (
    CONFIG,
    as_csv,
    gives_rows,
    has,
    keeps_versions,
    lists_signatures,
    publishes,
    queries,
)
from tests.unit.conftest import Stub
from tests.unit.quality.outcomes import outcomes, run

SINCE = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return DEPLOYER, OPERATOR


@pytest.fixture(autouse=True)
def account(stub: Stub) -> None:
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})


def test_the_quality_stands_beside_what_was_promised(target: Target, stub: Stub, tmp_path: Path) -> None:
    selection, windows = Selection(SINCE), {"features": ["a", "b"], "window": 30, "hop": 10}
    sql = statement(selection, {"m": 12})
    truth, prediction = [1, 0] * 200, [1, 0, 0, 0] * 100
    rows = outcomes(400, truth=truth, prediction=prediction, probability=[0.9, 0.2, 0.4, 0.1] * 100)
    publishes(stub, windows)
    queries(stub, sql)
    has(stub, as_csv(run(sql, rows, tmp_path)))
    keeps_versions(stub)

    execution, (found,) = judge(target, selection)

    assert found.metrics["recall"] == 0.5
    assert found.promised == {"recall": 0.95}
    assert found.broken_promises == ["recall"]
    assert execution.dollars == pytest.approx(0.0001)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("Bytes scanned limit was exceeded", "the query failed: Bytes scanned limit was exceeded"),
        (
            "Insufficient permissions to execute the query. User is not authorized to glue:GetTable",
            "Insufficient permissions",
        ),
    ],
)
def test_a_query_that_fails_is_one_line(target: Target, stub: Stub, reason: str, text: str) -> None:
    publishes(stub, {"features": ["a"]})
    queries(stub, statement(Selection(SINCE), {}), "FAILED", reason)

    with pytest.raises(NrtiError, match=text):
        judge(target, Selection(SINCE))


def test_throttling_is_left_to_the_boundary(target: Target, stub: Stub) -> None:
    publishes(stub, {"features": ["a"]})
    stub("athena").add_client_error("start_query_execution", "TooManyRequestsException", "Rate exceeded", 400)

    with pytest.raises(ClientError, match="Rate exceeded"):
        judge(target, Selection(SINCE))


def test_rows_of_the_lake_have_the_inputs_that_their_model_declares(target: Target, stub: Stub) -> None:
    windows = {"features": ["a", "b"], "window": 2, "hop": 1, "group": "pump", "label": "failure"}
    wanted = Wanted("m", SINCE, "sensor like 'p%'")
    publishes(stub, windows)
    lists_signatures(stub)
    queries(stub, training_statement(wanted, published=True))
    gives_rows(
        stub, [f'"m","{CONFIG[-17:]}","2","p1","{n % 2}","[1.0, 2.0, {n}.0, 4.0]","{n}"' for n in range(40)]
    )

    found = load(target, wanted)

    assert found.features == ("a[0]", "b[0]", "a[1]", "b[1]")
    assert found.schema
    assert (found.schema.hop, found.schema.group, found.label) == (1, "pump", "failure")
