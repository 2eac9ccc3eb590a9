"""What API Gateway refuses before it looks for an API."""

from __future__ import annotations

import pytest

from nrti_local.apigateway import limits


@pytest.mark.parametrize(("size", "status"), [(10_240, None), (10_241, 431)])
def test_headers_are_limited_to_ten_kilobytes(size: int, status: int | None) -> None:
    refusal = limits.refusal({"headers": [(b"a", b"x" * (size - len("a: \r\n")))]})

    assert (refusal.status if refusal else None) == status
