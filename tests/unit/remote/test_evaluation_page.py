"""The report: a page that stands alone and shows what evaluation.json says."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np

from nrti_cli.remote.sagemaker.metrics import Scored
from tests.unit.remote.scripts import flat, script, walk, windows

evaluation, page, splitting = map(script, ("evaluation", "page", "splitting"))


def rendered(data: Any, split: str = "", incumbent: dict[str, Any] | None = None) -> str:
    parts = splitting.split(data, split, 0)
    test = data.part(parts.test)
    scores = np.clip(test.labels * 0.6 + np.random.default_rng(0).random(len(test)) * 0.5, 0, 1)
    scored = Scored.at(0.55, test.labels, scores)
    reply = {
        **evaluation.evaluate(scored, data, parts, None),
        "threshold": 0.55,
        "rule": "f1",
        "findings": [parts.optimistic] if parts.optimistic else [],
        "search": {
            "chosen": "a <forest>",
            "tried": [{"name": "a <forest>", "average_precision": 0.5, "seconds": 1.0}],
            "left": [],
        },
        "incumbent": incumbent,
    }
    return str(page.render(reply, scored, test.times, "pump <1>"))


def test_it_needs_nothing_else_and_escapes_what_it_shows() -> None:
    shown = rendered(windows(*walk(40, seed=1)))

    assert not re.search(r"<script|<link|src=|https?://(?!www\.w3\.org)", shown)
    assert "pump &lt;1&gt;" in shown
    assert "a &lt;forest&gt;" in shown


def test_it_has_a_plot_each_and_every_failure_of_the_test_rows() -> None:
    data = windows(*walk(40, seed=1))
    test = data.part(splitting.split(data, "", 0).test)

    plots = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", rendered(data), re.DOTALL)]  # noqa: S314

    assert [plot.get("aria-label") for plot in plots] == [
        "precision over recall",
        "share of failures over probability",
        "probability of each test row",
    ]
    assert len(plots[2].findall("circle[@class='failure']")) == test.labels.sum()


def test_it_says_how_the_rows_were_split_and_drawn() -> None:
    shown = rendered(windows(*walk(40, seed=1)))

    assert "Split by time, with a gap of 7 rows." in shown
    assert "bootstrap over blocks, 8 of which hold failures" in shown


def test_a_random_split_of_neighbours_is_marked_as_optimistic() -> None:
    assert 'class="warning">the split is random' in rendered(windows(*walk(40, seed=1)), "random")


def test_the_time_axis_has_dates() -> None:
    rows = np.random.default_rng(0).normal(size=(400, 2))
    times = 1_764_115_200_000 + np.arange(400) * 60_000

    assert "2025-11-26 06:39" in rendered(flat(rows, np.arange(400) % 5 == 0, times=times))


def test_it_compares_with_the_model_in_service() -> None:
    spans = dict.fromkeys(("precision", "recall", "f1", "average_precision"), (0.1, 0.2))
    beside = {**dict.fromkeys(spans, 0.15), "intervals": spans, "difference": spans}

    assert "in service" in rendered(windows(*walk(40, seed=1)), incumbent=beside)
    assert "cannot be judged" in rendered(
        windows(*walk(40, seed=1)), incumbent={"reason": "it cannot be judged"}
    )
