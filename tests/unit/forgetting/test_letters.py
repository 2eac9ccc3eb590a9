"""What of a sensor is deleted from the dead letters, and what could not be read."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import UTC, datetime

from botocore.response import StreamingBody

from nrti_cli.aws.target import Target
from nrti_cli.forgetting.letters import remove
from nrti_cli.forgetting.records import Scope
from nrti_cli.stack.outputs import Outputs
from tests.unit.conftest import Stub
from tests.unit.deadletters.letters import deleted, event, letter, present, received

STACK = Outputs(**{field.name: "u" for field in fields(Outputs)})


def test_what_could_not_be_read_is_counted_beside_what_is_deleted(target: Target, stub: Stub) -> None:
    listed = [{"Key": "unparked/1", "Size": 1, "LastModified": datetime.now(UTC)}]
    stub("s3").add_response("list_objects_v2", {"Contents": listed})
    stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"no JSON"), 7), "ETag": "e"})
    present(stub, 1, held=2)
    received(stub, letter(event(), event()))
    deleted(stub, "handle-1")
    received(stub)
    present(stub, 0, held=2)

    *found, rest = remove(target, STACK, Scope("s", 1))

    assert [(seen.events, seen.unread, dict(seen.refused)) for seen in found] == [(2, 0, {})]
    assert (rest.events, rest.unread, list(rest.refused)) == (0, 2, ["unparked/1"])
