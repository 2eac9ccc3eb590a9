"""The embedded AWS, but DynamoDB and Kinesis throttle a share of the requests, as AWS does under load.

Run in place of `nrti_local.server.run`; a restart by the same command goes on throttling.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from nrti_local.ministack.patch import Patch
from nrti_local.server import run as server
from nrti_local.server.processes.layout import Layout

#: The share of requests that are refused, and of batches of which a part is left unprocessed.
SHARE = 0.2
_DRAW = random.Random()  # noqa: S311 (no secret)

#: Status, headers and body.
Response = Any
Handler = Callable[[dict[str, Any]], Response]


def _refusing(original: Handler) -> Handler:
    def handle(data: dict[str, Any]) -> Response:
        from ministack.core.responses import error_response_json

        if _DRAW.random() < SHARE:
            return error_response_json("ProvisionedThroughputExceededException", "Rate exceeded", 400)
        return original(data)

    return handle


def _processing_a_part(original: Handler) -> Handler:
    """Leaves the items of a batch unprocessed, now and then; DynamoDB does that before it refuses."""

    def handle(data: dict[str, Any]) -> Response:
        from ministack.core.responses import json_response

        if _DRAW.random() < SHARE:
            return json_response({"UnprocessedItems": data["RequestItems"]})
        return original(data)

    return handle


_WHY = "Nothing here is ever slower than its clients, so nothing would be throttled."
FAULTS = (
    Patch("nrti_local.dynamodb.batch_write", "write", _WHY, _processing_a_part),
    Patch("nrti_local.dynamodb.batch_write", "write", _WHY, _refusing),
    Patch("nrti_local.kinesis.handler", "OPERATIONS.GetRecords", _WHY, _refusing),
    Patch("nrti_local.kinesis.handler", "OPERATIONS.GetShardIterator", _WHY, _refusing),
    Patch("nrti_local.kinesis.handler", "OPERATIONS.ListShards", _WHY, _refusing),
)


def _with_faults(configure: Callable[[Layout, int, int], None]) -> Callable[[Layout, int, int], None]:
    def configure_with_faults(layout: Layout, port: int, sagemaker_port: int) -> None:
        configure(layout, port, sagemaker_port)
        # Only now: it imports ministack, which reads the environment then.
        from nrti_local.ministack import catalogue

        catalogue.PATCHES = (*catalogue.PATCHES, *FAULTS)

    return configure_with_faults


if __name__ == "__main__":
    Patch(
        "nrti_local.server.run", "configure", "The faults come after all other patches.", _with_faults
    ).apply()
    server.main()
