"""What API Gateway refuses before it looks for a resource."""

from __future__ import annotations

import pytest

from nrti_local.apigateway import limits as api_limits
from tests.unit.nrti_local.asgi import Fake, ask

PATH = "/restapis/a/v1/_user_request_"


def _asked(path: str, header: str = "") -> tuple[int, list[str]]:
    """The status, and the paths that reached the API."""
    api = Fake()
    told = ask(api_limits.before(api), "", path=path, a=header)
    return told.status, [scope["path"] for scope, _ in api.asked]


@pytest.mark.parametrize("path", ["//events", "/events//", "//"])
def test_an_empty_part_leads_to_no_resource(path: str) -> None:
    status, (reached,) = _asked(f"{PATH}{path}")

    assert status == 200
    assert "\x00" in reached
    assert "//" not in reached


@pytest.mark.parametrize("path", ["/events", "/events/", "/"])
def test_a_slash_at_the_end_is_taken(path: str) -> None:
    assert _asked(f"{PATH}{path}") == (200, [f"{PATH}{path}"])


@pytest.mark.parametrize(("size", "status"), [(10_240, 200), (10_241, 431)])
def test_headers_are_limited_to_ten_kilobytes(size: int, status: int) -> None:
    answered, reached = _asked(f"{PATH}/events", "x" * (size - len("a: \r\n")))

    assert answered == status
    assert bool(reached) == (status == 200)


def test_other_services_have_other_limits() -> None:
    assert _asked("/bucket//key", "x" * 20_000) == (200, ["/bucket//key"])
