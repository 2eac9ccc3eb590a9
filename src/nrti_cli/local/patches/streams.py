"""A patch to ministack's DynamoDB Streams."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from nrti_cli.local.patches.patch import Patch

Decode = Callable[[str], dict[str, Any] | None]


def _expire_those_of_another_life(original: Decode) -> Decode:
    started = time.time()

    def decode(token: str) -> dict[str, Any] | None:
        iterator = original(token)
        if iterator and iterator.get("i", 0) < started:
            iterator["i"] = 0  # when it was issued
        return iterator

    return decode


PATCHES = (
    Patch(
        "ministack.services.dynamodb_streams",
        "_decode_iterator",
        "A restart empties the streams, and an iterator from before it points behind all that is to come: "
        "its reader would be told for ever that there is nothing. An expired one makes it ask for another.",
        _expire_those_of_another_life,
    ),
)
