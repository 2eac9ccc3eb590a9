"""What is remembered of a number is what ministack's DynamoDB finds out about it."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.services import dynamodb

from nrti_local.dynamodb.patches import _known


@pytest.mark.parametrize(
    "number", ["0", "-1.50", "1e130", "1E-131", "x", "", " 5", "1_0", "9" * 39, "1" * 300, None, 5, ["1"]]
)
@pytest.mark.parametrize("name", ["_number_error", "_ddb_canonicalize_number", "_number_size_bytes"])
def test_a_number_is_what_it_was(name: str, number: Any) -> None:
    original = getattr(dynamodb, name)
    remembered = _known(original)
    assert [remembered(number), remembered(number)] == [original(number)] * 2
