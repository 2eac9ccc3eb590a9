"""The price table, and the cost of a quantity."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from math import inf
from typing import Any

from nrti_cli.errors import UsageError

_ABOUT_A_PRICE = {"component", "what", "unit", "page", "checked"}


@dataclass(frozen=True)
class Price:
    """The price of an item in a region.

    Attributes:
        component: the AWS service.
        what: the billed item.
        unit: what is counted, such as "million requests".
        tiers: pairs of an upper bound in units and the dollars for each unit below it, ascending.
        page: the AWS page with the price.
        checked: whether the price was found in a published copy; otherwise it is from memory.
    """

    component: str
    what: str
    unit: str
    tiers: tuple[tuple[float, float], ...]
    page: str
    checked: bool

    def slices(self, quantity: float) -> Iterator[tuple[float, float]]:
        """Splits a quantity into tiers: units, and dollars per unit."""
        below = 0.0
        for bound, dollars in self.tiers:
            units = min(quantity, bound) - below
            if units <= 0 < below:
                return
            yield units, dollars
            below = bound

    def cost(self, quantity: float) -> float:
        """The cost of a quantity in dollars."""
        return sum(units * dollars for units, dollars in self.slices(quantity))


@dataclass(frozen=True)
class PriceTable:
    """The prices of a region at a date, by their keys in prices.json."""

    date: str
    region: str
    prices: Mapping[str, Price]


def price_table(region: str) -> PriceTable:
    """The prices of a region.

    Raises:
        UsageError: there are none for this region.
    """
    document = json.loads(files(__package__).joinpath("prices.json").read_text(encoding="utf-8"))
    known = sorted(set.intersection(*(set(entry) for entry in document["prices"].values())) - _ABOUT_A_PRICE)
    if region not in known:
        raise UsageError(f"there are no prices for region {region!r}", hint=f"use one of {', '.join(known)}")
    prices = {key: _price(entry, region) for key, entry in document["prices"].items()}
    return PriceTable(document["date"], region, prices)


def _price(entry: Mapping[str, Any], region: str) -> Price:
    return Price(
        component=entry["component"],
        what=entry["what"],
        unit=entry["unit"],
        tiers=tuple((inf if bound is None else bound, dollars) for bound, dollars in entry[region]),
        page=entry["page"],
        checked=region in entry["checked"],
    )
