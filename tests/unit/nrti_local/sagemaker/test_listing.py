from __future__ import annotations

from typing import Any

import pytest

from nrti_local.sagemaker.listing import Listing
from nrti_local.server.shared.errors import ServiceError

_LISTING = Listing("Things", "ThingName", status="ThingStatus")
_THINGS: list[dict[str, Any]] = [
    {"ThingName": f"t{number}", "ThingStatus": "New" if number % 2 else "Old", "CreationTime": 100.0 + number}
    for number in range(6)
]


def names(**request: Any) -> list[str]:
    return [thing["ThingName"] for thing in _LISTING.page(_THINGS, request)["Things"]]


def test_the_newest_comes_first() -> None:
    assert names() == ["t5", "t4", "t3", "t2", "t1", "t0"]


def test_it_sorts_by_what_is_asked_for() -> None:
    assert names(SortBy="Name", SortOrder="Ascending")[0] == "t0"
    assert names(SortBy="Status", SortOrder="Ascending") == ["t1", "t3", "t5", "t0", "t2", "t4"]


def test_it_filters() -> None:
    assert names(NameContains="T3") == ["t3"]
    assert names(StatusEquals="Old") == ["t4", "t2", "t0"]
    assert names(CreationTimeAfter=102.0, CreationTimeBefore=103.0) == ["t3", "t2"]


def test_pages_follow_one_another_though_things_go() -> None:
    things = list(_THINGS)
    first = _LISTING.page(things, {"MaxResults": 2})
    things.remove(first["Things"][1])
    second = _LISTING.page(things, {"MaxResults": 10, "NextToken": first["NextToken"]})
    assert [thing["ThingName"] for thing in second["Things"]] == ["t3", "t2", "t1", "t0"]
    assert "NextToken" not in second


def test_filters_thin_out_a_page() -> None:
    page = _LISTING.page(_THINGS, {"MaxResults": 2, "NameContains": "t0"})
    assert page["Things"] == []
    assert page["NextToken"]


@pytest.mark.parametrize("token", ["junk", "e30=", "====", "ü"])
def test_a_token_of_another_listing_is_refused(token: str) -> None:
    with pytest.raises(ServiceError, match="Invalid pagination token"):
        _LISTING.page(_THINGS, {"NextToken": token})


def test_a_token_of_another_order_is_refused() -> None:
    token = _LISTING.page(_THINGS, {"MaxResults": 1})["NextToken"]
    with pytest.raises(ServiceError, match="Invalid pagination token"):
        _LISTING.page(_THINGS, {"NextToken": token, "SortBy": "Name"})
