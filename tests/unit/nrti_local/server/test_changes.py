"""What is kept of a service's configuration, and which requests end that."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.server.shared.changes import Changes, Kept


def request(service: str, method: str = "POST", path: str = "/", target: str = "") -> dict[str, Any]:
    signed = f"AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-2/{service}/aws4_request"
    headers = [(b"authorization", signed.encode())] if service else []
    if target:
        headers.append((b"x-amz-target", target.encode()))
    return {"type": "http", "method": method, "path": path, "headers": headers}


@pytest.mark.parametrize(
    ("seen", "times_read"),
    [
        (request("apigateway", "PATCH", "/restapis/a"), 2),
        (request("cloudformation"), 2),
        (request("", "DELETE", "/restapis/a"), 2),
        (request("apigateway", "GET", "/restapis/a"), 1),
        (request("dynamodb", target="DynamoDB_20120810.PutItem"), 1),
    ],
)
def test_a_value_is_read_again_after_a_request_that_may_have_changed_it(
    seen: dict[str, Any], times_read: int
) -> None:
    reads: list[str] = []
    changes = Changes()

    def read(key: str) -> int:
        reads.append(key)
        return len(reads)

    kept = Kept("apigateway", read, changes)

    first = kept("a")
    changes.note(seen)

    assert [first, kept("a"), kept("a")] == [1, times_read, times_read]
    assert len(reads) == times_read


def test_a_value_is_read_again_after_its_lifetime() -> None:
    now = [0.0]
    reads: list[str] = []
    kept = Kept("apigateway", reads.append, Changes(), lifetime=1, clock=lambda: now[0])

    for at in (0.0, 0.9, 1.0, 1.5, 2.0):
        now[0] = at
        kept("a")

    assert len(reads) == 3


@pytest.mark.parametrize(
    ("service", "seen", "counts"),
    [
        ("states", request("states", target="AWSStepFunctions.StartExecution"), False),
        ("states", request("states", target="AWSStepFunctions.DescribeExecution"), False),
        ("states", request("states", target="AWSStepFunctions.UpdateStateMachine"), True),
        ("states", request("states", target="AWSStepFunctions.CreateStateMachine"), True),
        ("lambda", request("lambda", path="/2015-03-31/functions/f/invocations"), False),
        ("lambda", request("lambda", "PUT", "/2015-03-31/functions/f/code"), True),
        ("lambda", request("lambda", "DELETE", "/2015-03-31/functions/f"), True),
    ],
)
def test_to_use_a_service_does_not_change_it(service: str, seen: dict[str, Any], counts: bool) -> None:
    changes = Changes()
    before = changes.of(service)

    changes.note(seen)

    assert (changes.of(service) != before) == counts
