"""All that `nrti drift --target aws` asks of AWS, with exactly the operator's policy."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.drift.check import Report, check
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import find
from nrti_cli.remote.alerts_function.counting import Period
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, LAKE, REGION
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.aws_run.test_dashboard_story import Mentions
from tests.unit.conftest import Stub

VERSION = "20261122120000000"
CONFIG = f"nrti-m-{VERSION}"
KEY = f"references/nrti-m/{VERSION}.json"
NOW = datetime.now(UTC)
_RESULT = f"s3://{LAKE}/athena-results/q.csv"
_EVEN = {"design_effect": 1.0, "missing": 0}
COLUMNS = [
    {"name": "prediction", "edges": [1.0], "counts": [970, 30], **_EVEN},
    {"name": "probability", "edges": [0.0, 0.5, 1.0], "counts": [0, 970, 30, 0], **_EVEN},
    {"name": "a", "edges": [0.0, 50.0, 100.0], "counts": [0, 500, 500, 0], **_EVEN},
]
REFERENCE = {"format": 1, "origin": "training", "columns": COLUMNS}


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return (OPERATOR,)


def serves(stub: Stub, config: str = CONFIG) -> None:
    """The endpoint, its configuration and the tags of that."""
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:x/y"
    times = {"CreationTime": NOW - timedelta(days=9), "LastModifiedTime": NOW}
    stub("sagemaker").add_response(
        "describe_endpoint",
        {
            "EndpointName": "nrti-m", "EndpointArn": arn, "EndpointConfigName": config,
            "EndpointStatus": "InService", **times,
        },
        {"EndpointName": "nrti-m"},
    )  # fmt: skip
    variant = {"VariantName": f"v{VERSION}", "ModelName": config}
    described = {"EndpointConfigName": config, "EndpointConfigArn": arn, "ProductionVariants": [variant]}
    stub("sagemaker").add_response("describe_endpoint_config", {**described, "CreationTime": NOW})
    stub("sagemaker").add_response("list_tags", {"Tags": [{"Key": "nrti:stack", "Value": "nrti"}]})


def keeps(stub: Stub, document: dict[str, Any] | None) -> None:
    """The reference in the artifacts bucket; with the permission to list it, S3 says that there is none."""
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    asked = {"Bucket": ARTIFACTS, "Key": KEY}
    if document is None:
        stub("s3").add_client_error("get_object", "NoSuchKey", expected_params=asked)
    else:
        stub("s3").add_response("get_object", {"Body": _body(json.dumps(document))}, asked)


def counts(stub: Stub, name: str, statement: str, result: str) -> None:
    """A query that mentions a text; the first look is too early."""
    athena = stub("athena")
    athena.add_response(
        "start_query_execution",
        {"QueryExecutionId": name},
        {
            "QueryString": Mentions(statement),
            "WorkGroup": "nrti",
            "QueryExecutionContext": {"Database": "nrti"},
        },
    )
    running = {"QueryExecutionId": name, "Status": {"State": "RUNNING"}}
    location = f"s3://{LAKE}/athena-results/{name}.csv"
    done = {
        **running,
        "Status": {"State": "SUCCEEDED"},
        "StatementType": "DML",
        "ResultConfiguration": {"OutputLocation": location},
        "Statistics": {"DataScannedInBytes": 48_000_000, "TotalExecutionTimeInMillis": 900},
    }
    for state in (running, done):
        athena.add_response("get_query_execution", {"QueryExecution": state}, {"QueryExecutionId": name})
    asked = {"Bucket": LAKE, "Key": f"athena-results/{name}.csv"}
    stub("s3").add_response("get_object", {"Body": _body(result)}, asked)


def measures(stub: Stub, *letters: float, requests: float = 400, hours: tuple[int, ...] = ()) -> None:
    """The queue's depth minute by minute, the requests of one minute; hours ago, requests were kept."""
    minutes = [NOW - timedelta(minutes=30 - number) for number in range(len(letters))]
    found = [
        {"Id": "m0", "Timestamps": minutes, "Values": list(letters)},
        {"Id": "m1", "Timestamps": [], "Values": []},
        {"Id": "m2", "Timestamps": [NOW], "Values": [requests]},
    ]
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": found})
    kept = [{"Key": f"unparked/{at}", "Size": 1, "LastModified": NOW - timedelta(hours=at)} for at in hours]
    stub("s3").add_response(
        "list_objects_v2", {"Contents": kept}, {"Bucket": ARTIFACTS, "Prefix": "unparked/"}
    )


def _body(text: str) -> StreamingBody:
    return StreamingBody(io.BytesIO(text.encode()), len(text.encode()))


def result(*rows: tuple[object, ...]) -> str:
    lines = (",".join(f'"{value}"' if value != "" else "" for value in row) for row in rows)
    return "\n".join(['"place","slice","bin","sensor","events"', *lines, ""])


#: 1,000 events; those of the input `a` are higher than in the training, one of twenty is missing.
DISTURBED = result(
    (1, 1, 0, "", 960), (1, 1, 1, "", 40),
    (2, 1, 1, "", 960), (2, 1, 2, "", 40),
    (3, 1, 1, "", 100), (3, 1, 2, "", 800), (3, 1, 3, "", 50), (3, 1, "", "", 50),
    (0, 0, 0, "robot-1", 500), (0, 1, 0, "robot-1", 1_000), (0, 0, 0, "robot-2", 400),
)  # fmt: skip


def run(target: Target, against: Period | None = None) -> Report:
    return check(target, find(target, "m"), NOW - timedelta(hours=24), against)


def test_one_query_counts_all_inputs(target: Target, stub: Stub) -> None:
    serves(stub)
    keeps(stub, REFERENCE)
    counts(stub, "q", f"version = '{VERSION}'", DISTURBED)
    measures(stub, 2, 2, 0, 21, 25, hours=(2, 30))

    found = run(target)

    assert found.problems == ("drift", "silent sensors", "dead letters")
    assert found.verdict
    assert [(each.name, each.reasons) for each in found.verdict.drifted] == [
        ("a", ("shifted", "above", "missing"))
    ]
    assert (found.verdict.events, found.verdict.rate) == (1_000, 0.04)
    assert found.silent == ["robot-2"]
    assert (found.dead_letters.letters, found.dead_letters.requests) == (28, 400)
    assert found.dead_letters.many
    assert found.scanned == 48_000_000
    assert found.dollars == pytest.approx(48e6 * 5e-12)


def test_the_first_events_of_a_version_become_its_reference(target: Target, stub: Stub) -> None:
    serves(stub)
    keeps(stub, None)
    last = (NOW - timedelta(hours=1)).replace(tzinfo=None).isoformat(" ", "milliseconds")
    counts(stub, "first", "limit 1000", f"events,last,length\n1000,{last},1\n")
    ranges = ["1,1000,0.0,1.0", "2,0,,", "3,1000,-1.5,100.0"]
    deciles = ["[" + ", ".join(["0.0"] * 9) + "]", "", "[" + ", ".join(map(str, range(10, 100, 10))) + "]"]
    rows = [f'{line},"{each}"' for line, each in zip(ranges, deciles, strict=True)]
    counts(stub, "deciles", "approx_percentile", "\n".join(["place,events,low,high,deciles", *rows, ""]))
    slices = [row for number in range(1, 21) for row in ((1, number, 0, "", 50), (3, number, 1, "", 50))]
    counts(stub, "counts", "(3, array[-1.5e0, 10.0e0, ", result(*slices))
    stub("s3").add_response("put_object", {}, {"Bucket": ARTIFACTS, "Key": KEY, "Body": ANY})
    counts(
        stub, "now", f"predicted_time >= timestamp '{last[:-4]}", result((1, 1, 0, "", 30), (3, 1, 1, "", 30))
    )
    measures(stub)

    found = run(target)

    assert found.baseline.startswith("the first 1,000 events, 2026-11-22 12:00 to ")
    assert found.verdict
    assert found.verdict.state == "too_few_events"
    assert found.problems == ()
    assert found.scanned == 4 * 48_000_000


def test_before_there_are_so_many_events_nothing_is_judged(target: Target, stub: Stub) -> None:
    serves(stub)
    keeps(stub, None)
    counts(stub, "first", "limit 1000", "events,last,length\n340,2026-11-22 13:00:00.000,1\n")
    measures(stub)

    found = run(target)

    assert (found.verdict, found.awaited, found.problems) == (None, 660, ())


def test_an_endpoint_of_another_tool_is_not_given_a_reference(target: Target, stub: Stub) -> None:
    serves(stub, "by-hand")
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    counts(stub, "first", "limit 1000", "events,last,length\n0,,\n")
    measures(stub)

    found = run(target)

    assert (found.version, found.awaited) == (None, 1_000)


def test_a_period_without_events_is_no_baseline(target: Target, stub: Stub) -> None:
    serves(stub)
    counts(stub, "extent", "day between '2026-11-01' and '2026-11-09'", "events,last,length\n0,,\n")
    first, last = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 8))

    with pytest.raises(NrtiError, match="no predictions from 2026-11-01 00:00 to 2026-11-08 00:00"):
        run(target, Period(first, last))


def test_a_reference_that_may_not_be_read_is_an_error(target: Target, stub: Stub) -> None:
    serves(stub)
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    stub("s3").add_client_error("get_object", "AccessDenied", "no s3:GetObject", 403)

    with pytest.raises(ClientError, match="no s3:GetObject"):
        run(target)
