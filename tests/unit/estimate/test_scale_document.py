"""The costs in docs/scale.md are what the estimate says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nrti_cli.estimate.estimate import estimate, total
from nrti_cli.estimate.prices import price_table
from nrti_cli.estimate.sizes import sizes
from nrti_cli.estimate.workload import Workload

DOCUMENT = (Path(__file__).parents[3] / "docs" / "scale.md").read_text()
_COSTS = DOCUMENT[DOCUMENT.index("## Costs") : DOCUMENT.index("### Which prices")]
ROWS = re.findall(r"^\| ([\d,]+) \| (\d+) \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \|", _COSTS, re.MULTILINE)


def test_the_table_is_found() -> None:
    assert {row[0] for row in ROWS} == {"1", "100", "10,000", "100,000"}


@pytest.mark.parametrize("row", ROWS, ids="-".join)
def test_a_row_is_what_the_command_prints(row: tuple[str, ...]) -> None:
    rate, batch, *costs, million = row
    load = Workload(rate=float(rate.replace(",", "")), batch=int(batch))
    totals = [total(estimate(load, price_table(region))) for region in ("us-east-1", "eu-central-1")]

    assert [f"{each:,.0f}" for each in totals] == costs
    assert f"{1e6 * totals[0] / load.events:.2f}" == million


def test_the_sizes_and_counts_that_are_named() -> None:
    prices = price_table("us-east-1").prices.values()

    assert f"{sizes(3).item} B as an item, {sizes(3).record} B as a change" in DOCUMENT
    assert f"found for {sum(price.checked for price in prices)} of {len(prices)} in us-east-1" in DOCUMENT


def test_what_waiting_for_predictions_costs() -> None:
    table = price_table("us-east-1")
    with_, without = (
        total(estimate(Workload(rate=100, batch=25, wait=wait), table)) for wait in (True, False)
    )

    assert f"costs {with_:.0f} dollars instead of {without:.0f} in us-east-1" in DOCUMENT
