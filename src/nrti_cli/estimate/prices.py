"""The price table, and what a quantity costs by it."""

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
    """What one thing costs in one region.

    Attributes:
        component: the AWS service.
        what: the thing that is paid for.
        unit: what is counted, as "million requests".
        tiers: pairs of an upper bound in units and the dollars for each unit below it, ascending.
        page: AWS's page that states the price.
        checked: whether a published copy of the price was found; it is from memory otherwise.
    """

    component: str
    what: str
    unit: str
    tiers: tuple[tuple[float, float], ...]
    page: str
    checked: bool

    def slices(self, quantity: float) -> Iterator[tuple[float, float]]:
        """The quantity divided among the tiers: units and dollars a unit."""
        below = 0.0
        for bound, dollars in self.tiers:
            units = min(quantity, bound) - below
            if units <= 0 < below:
                return
            yield units, dollars
            below = bound

    def cost(self, quantity: float) -> float:
        """Dollars for so many units."""
        return sum(units * dollars for units, dollars in self.slices(quantity))


@dataclass(frozen=True)
class PriceTable:
    """The prices of a region on a day, by their keys in prices.json."""

    date: str
    region: str
    prices: Mapping[str, Price]


def price_table(region: str) -> PriceTable:
    """The prices of a region.

    Raises:
        UsageError: the table does not have that region.
    """
    document = json.loads(files(__package__).joinpath("prices.json").read_text())
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
