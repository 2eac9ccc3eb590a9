"""Applies the prices to the usage of a workload."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nrti_cli.estimate.prices import PriceTable
from nrti_cli.estimate.usage import usages
from nrti_cli.estimate.workload import Workload


@dataclass(frozen=True)
class Line:
    """A line of the estimate.

    Attributes:
        component: the AWS service.
        what: the billed item.
        quantity: units per month.
        unit: what is counted.
        because: how the quantity is calculated.
        how: the quantity times the price, for each tier.
        cost: dollars per month.
        page: the AWS page with the price.
        checked: whether the price was found in a published copy.
    """

    component: str
    what: str
    quantity: float
    unit: str
    because: str
    how: str
    cost: float
    page: str
    checked: bool


def estimate(workload: Workload, table: PriceTable) -> list[Line]:
    """The cost of a month, with a line for each billed item."""
    lines = []
    for usage in usages(workload):
        price = table.prices[usage.price]
        lines.append(
            Line(
                component=price.component,
                what=price.what,
                quantity=usage.quantity,
                unit=price.unit,
                because=usage.because,
                how=_how(price.slices(usage.quantity), price.unit),
                cost=price.cost(usage.quantity),
                page=price.page,
                checked=price.checked,
            )
        )
    return lines


def total(lines: Iterable[Line]) -> float:
    """The total in dollars per month."""
    return sum(line.cost for line in lines)


def _how(slices: Iterable[tuple[float, float]], unit: str) -> str:
    terms = [f"{units:,.{_places(units)}f} x ${_plain(dollars)}" for units, dollars in slices]
    return f"{' + '.join(terms)} ({unit})"


def _plain(dollars: float) -> str:
    """A number with all digits and no exponent: a price may be a hundred-thousandth of a dollar."""
    return f"{dollars:.10f}".rstrip("0").rstrip(".")


def _places(units: float) -> int:
    return 0 if units >= 1000 or units == int(units) else 3
