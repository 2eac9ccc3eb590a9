"""The price table: complete, dated, sourced, and its tiers add up."""

from __future__ import annotations

from math import inf

import pytest

from nrti_cli.errors import UsageError
from nrti_cli.estimate.prices import Price, price_table
from nrti_cli.estimate.usage import usages
from nrti_cli.estimate.workload import Workload

REGIONS = ("us-east-1", "eu-central-1")
TIERED = Price(
    "x", "y", "units", ((10, 3.0), (30, 2.0), (inf, 1.0)), "https://aws.amazon.com/x", checked=True
)


@pytest.mark.parametrize("region", REGIONS)
def test_everything_that_is_used_has_a_price_and_nothing_else(region: str) -> None:
    assert set(price_table(region).prices) == {usage.price for usage in usages(Workload(rate=1))}


@pytest.mark.parametrize("region", REGIONS)
def test_every_price_has_a_page_and_ends_without_a_bound(region: str) -> None:
    for price in price_table(region).prices.values():
        bounds = [bound for bound, _ in price.tiers]
        dollars = [dollars for _, dollars in price.tiers]

        assert price.page.startswith("https://aws.amazon.com/")
        assert bounds == sorted(set(bounds))
        assert bounds[-1] == inf
        assert dollars == sorted(dollars, reverse=True)
        assert min(dollars) > 0


def test_an_unknown_region_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as raised:
        price_table("mars-north-1")

    assert str(raised.value) == (
        "there are no prices for region 'mars-north-1': use one of eu-central-1, us-east-1"
    )


@pytest.mark.parametrize(
    ("quantity", "slices", "cost"),
    [
        (0, [(0, 3.0)], 0),
        (4, [(4, 3.0)], 12),
        (10, [(10, 3.0)], 30),
        (11, [(10, 3.0), (1, 2.0)], 32),
        (40, [(10, 3.0), (20, 2.0), (10, 1.0)], 80),
    ],
)
def test_each_tier_costs_its_own(quantity: float, slices: list[tuple[float, float]], cost: float) -> None:
    assert list(TIERED.slices(quantity)) == slices
    assert TIERED.cost(quantity) == cost
