"""A queue that does not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nrti_cli.aws.sqs import Queue
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from tests.unit.conftest import Stub

CALLS: dict[str, Callable[[Queue], object]] = {
    "get_queue_attributes": lambda queue: queue.depth(),
    "receive_message": lambda queue: queue.receive(hide_for=30),
    "send_message": lambda queue: queue.send({}, {}),
    "delete_message_batch": lambda queue: queue.delete(["handle"]),
    "change_message_visibility_batch": lambda queue: queue.release(["handle"]),
}


@pytest.mark.parametrize("operation", CALLS)
def test_every_method_names_a_missing_queue(target: Target, stub: Stub, operation: str) -> None:
    stub("sqs").add_client_error(operation, "AWS.SimpleQueueService.NonExistentQueue")

    with pytest.raises(NrtiError, match=r"^the dead-letter queue does not exist: run nrti bootstrap$"):
        CALLS[operation](Queue(target, "u"))
