"""What of a sensor is deleted from the dead letters, and what could not be read."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import UTC, datetime

from botocore.response import StreamingBody

from nrti_cli.aws.sqs import Message
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.letter import Letter
from nrti_cli.forgetting.letters import Seen, count, remove
from nrti_cli.forgetting.records import Scope
from nrti_cli.stack.outputs import Outputs
from tests.unit.conftest import Stub
from tests.unit.deadletters.letters import (
    LONG_AGO,
    deleted,
    event,
    letter,
    present,
    received,
    released,
    swept,
)

STACK = Outputs(**{field.name: "u" for field in fields(Outputs)})
SCOPE = Scope("s", 1)


def _kept(stub: Stub, content: bytes) -> None:
    listed = [{"Key": "unparked/1", "Size": len(content), "LastModified": datetime.now(UTC)}]
    stub("s3").add_response("list_objects_v2", {"Contents": listed})
    body = StreamingBody(io.BytesIO(content), len(content))
    stub("s3").add_response("get_object", {"Body": body, "ETag": "e"})


def test_what_could_not_be_read_is_counted_beside_what_is_deleted(target: Target, stub: Stub) -> None:
    _kept(stub, b"no JSON")
    present(stub, 1, held=2)
    received(stub, letter(event(), event()))
    deleted(stub, "handle-1")
    received(stub)
    present(stub, 0, held=2)

    *found, rest = remove(target, STACK, SCOPE)

    assert [(seen.events, seen.unread, dict(seen.refused)) for seen in found] == [(2, 0, {})]
    assert (rest.events, rest.unread, list(rest.refused)) == (0, 2, ["unparked/1"])


def test_what_cannot_be_read_is_a_problem_for_as_long_as_it_lies_there(target: Target, stub: Stub) -> None:
    """Whether it has events of the sensor is unknown, before anything is deleted and afterwards."""
    strange = Letter.read(Message("2", "handle-2", "no JSON either", LONG_AGO, {}))
    for _ in range(2):
        _kept(stub, b"no JSON")
        swept(stub, strange)
        released(stub, "handle-2")

    before = count(target, STACK, SCOPE)
    (after,) = remove(target, STACK, SCOPE)

    assert before == after
    in_queue, kept = [problem.what for problem in before.problems()]
    assert in_queue == "1 message in the dead-letter queue cannot be read"
    assert kept.startswith(
        "1 kept request cannot be moved into the queue: unparked/1: it is not a dead letter"
    )


def test_of_many_kept_requests_some_are_named_and_all_are_counted() -> None:
    (problem,) = Seen(refused={f"unparked/{number}": "why" for number in range(7)}).problems()

    assert problem.what.endswith(": unparked/0, unparked/1, unparked/2, unparked/3, unparked/4, 2 more: why")
    assert not Seen().problems()
