"""The Athena client against a stubbed Athena: what fails, what is stopped, what is waited for."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from nrti_cli.aws.athena import LONGEST_HEAD, Athena, Column, Execution, Head
from nrti_cli.aws.target import Target
from nrti_cli.errors import ExitStatus, NrtiError

ID = "11111111-2222-3333-4444-555555555555"


@dataclass
class Stubbed:
    """A client, the answers it will get, and how long it waited."""

    target: Target
    stub: Stubber
    pauses: list[float] = field(default_factory=list)
    sleep: Callable[[float], None] | None = None

    def run(self) -> Execution:
        return Athena(self.target, self.sleep or self.pauses.append).run(
            "select 1", workgroup="nrti", database="nrti"
        )

    def starts(self) -> None:
        self.stub.add_response("start_query_execution", {"QueryExecutionId": ID})

    def is_in(self, state: str, reason: str = "", **more: Any) -> None:
        status = {"State": state, **({"StateChangeReason": reason} if reason else {})}
        execution = {"QueryExecutionId": ID, "Status": status, **more}
        asked = {"QueryExecutionId": ID}
        self.stub.add_response("get_query_execution", {"QueryExecution": execution}, asked)


@pytest.fixture
def athena() -> Iterator[Stubbed]:
    target = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:1")
    with Stubber(target.client("athena")) as stub:
        yield Stubbed(target, stub)
        stub.assert_no_pending_responses()


def test_a_query_is_waited_for_with_growing_pauses(athena: Stubbed) -> None:
    athena.starts()
    for state in ["QUEUED"] + ["RUNNING"] * 30:
        athena.is_in(state)
    athena.is_in(
        "SUCCEEDED",
        StatementType="DML",
        ResultConfiguration={"OutputLocation": "s3://b/r.csv"},
        Statistics={"TotalExecutionTimeInMillis": 1200, "DataScannedInBytes": 42},
    )

    done = athena.run()

    assert done == Execution(ID, "s3://b/r.csv", 1200, 42, is_query=True)
    assert athena.pauses[0] < 0.05
    assert athena.pauses == sorted(athena.pauses)
    assert athena.pauses[-1] == 1


@pytest.mark.parametrize(
    ("state", "reason", "message"),
    [
        ("FAILED", "COLUMN_NOT_FOUND: line 1:8: …", "the query failed: COLUMN_NOT_FOUND: line 1:8: …"),
        ("FAILED", "", "the query failed: no reason was given"),
        ("CANCELLED", "by an administrator", "the query was cancelled: by an administrator"),
    ],
)
def test_a_query_that_does_not_succeed_says_why(
    athena: Stubbed, state: str, reason: str, message: str
) -> None:
    athena.starts()
    athena.is_in(state, reason)

    with pytest.raises(NrtiError) as failed:
        athena.run()

    assert str(failed.value) == message


def test_a_malformed_query_is_one_line(athena: Stubbed) -> None:
    athena.stub.add_client_error(
        "start_query_execution", "InvalidRequestException", "line 1:1: mismatched input 'selec'"
    )

    with pytest.raises(NrtiError, match=r"^Athena refuses the query: line 1:1: mismatched input 'selec'$"):
        athena.run()


def test_where_results_go_is_gone_and_the_error_has_advice(athena: Stubbed) -> None:
    athena.stub.add_client_error(
        "start_query_execution", "InvalidRequestException", "Unable to verify/create output bucket b"
    )

    with pytest.raises(NrtiError, match=r"output bucket b: nrti status .*, and nrti bootstrap creates it$"):
        athena.run()


def test_a_query_that_is_too_long_is_not_repeated(athena: Stubbed) -> None:
    athena.stub.add_client_error(
        "start_query_execution",
        "InvalidRequestException",
        "1 validation error detected: Value 'select 1' at 'queryString' failed to satisfy constraint: "
        "Member must have length less than or equal to 262144",
    )

    with pytest.raises(NrtiError, match=r"^the query has 8 bytes; Athena accepts 262,144: shorten it$"):
        athena.run()


def test_throttling_that_does_not_end_is_left_to_the_boundary(athena: Stubbed) -> None:
    athena.stub.add_client_error("start_query_execution", "TooManyRequestsException", "Rate exceeded", 400)

    with pytest.raises(ClientError, match="TooManyRequestsException"):
        athena.run()


def test_an_interrupted_wait_stops_the_query(athena: Stubbed) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    athena.sleep = interrupt
    athena.starts()
    athena.is_in("RUNNING")
    athena.stub.add_response("stop_query_execution", {}, {"QueryExecutionId": ID})

    with pytest.raises(NrtiError, match="interrupted") as interrupted:
        athena.run()

    assert interrupted.value.exit_status == ExitStatus.INTERRUPTED


def test_an_interrupt_while_the_query_is_being_started_stops_it_too(athena: Stubbed) -> None:
    events = athena.target.client("athena").meta.events
    events.register(
        "provide-client-params.athena.StartQueryExecution", lambda **_: signal.raise_signal(signal.SIGINT)
    )
    athena.starts()
    athena.stub.add_response("stop_query_execution", {}, {"QueryExecutionId": ID})

    with pytest.raises(NrtiError, match="Athena has stopped the query"):
        athena.run()

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


EXECUTION = Execution(ID, "s3://b/r.csv", 0, 0, is_query=True)


def results(stub: Stubber, names: list[str], rows: list[list[str | None]], asked: int) -> None:
    info = [{"Name": name, "Type": "decimal", "Precision": 10, "Scale": 2} for name in names]
    data = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
    stub.add_response(
        "get_query_results",
        {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": info}}},
        {"QueryExecutionId": ID, "MaxResults": asked},
    )


def test_the_columns_are_read_without_the_rows(athena: Stubbed) -> None:
    results(athena.stub, ["x"], [], 1)

    assert Athena(athena.target).columns(EXECUTION) == [Column("x", "decimal", 10, 2)]


@pytest.mark.parametrize(("count", "more"), [(2, True), (3, False)])
def test_the_first_rows_come_with_the_columns_and_without_their_names(
    athena: Stubbed, count: int, more: bool
) -> None:
    rows: list[list[str | None]] = [["x"], ["1"], [None], ["x"]]
    results(athena.stub, ["x"], rows[: count + 2], count + 2)

    found = Athena(athena.target).head(EXECUTION, count)

    assert found == Head([Column("x", "decimal", 10, 2)], rows[1 : count + 1], more)


def test_the_longest_head_is_one_page(athena: Stubbed) -> None:
    results(athena.stub, ["x"], [["x"]], 1000)

    assert Athena(athena.target).head(EXECUTION, LONGEST_HEAD).rows == []


def test_what_describe_puts_into_one_value_is_taken_apart(athena: Stubbed) -> None:
    results(athena.stub, ["name", "type", "comment"], [["sensor  \tstring  \t  "], ["# Partition"]], 12)

    found = Athena(athena.target).head(EXECUTION, 10)

    assert found.rows == [["sensor", "string", ""], ["# Partition", None, None]]


def test_a_workgroup_that_is_not_there_means_no_stack(athena: Stubbed) -> None:
    refused = "InvalidRequestException", "WorkGroup is not found."
    athena.stub.add_client_error("start_query_execution", *refused)

    with pytest.raises(NrtiError, match=r"^workgroup 'nrti' does not exist: run nrti bootstrap$"):
        athena.run()
