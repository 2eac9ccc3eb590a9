"""The figures that Athena calculates: those of scikit-learn, with the intervals of the evaluation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from nrti_cli.quality.figures import METRICS, Quality, quality_of
from nrti_cli.quality.statement import Selection, statement
from nrti_cli.remote.sagemaker.metrics import Scored, Units, intervals
from tests.unit.quality.outcomes import outcomes, run

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
EVERY = Selection(SINCE)
_SEED = 7


def _judged(scratch: Path, rows: int, selection: Selection = EVERY, **columns: Any) -> list[Quality]:
    return [quality_of(row) for row in run(statement(selection, {}), outcomes(rows, **columns), scratch)]


def _scored(rows: int, share: float = 0.05) -> dict[str, Any]:
    """Random truth, and probabilities in steps of a thousandth, so that many are equal."""
    random = np.random.default_rng(_SEED)
    truth = (random.random(rows) < share).astype(int)
    probability = np.clip(random.normal(0.3 + 0.3 * truth, 0.2), 0, 1).round(3)
    return {"truth": truth, "probability": probability, "prediction": (probability >= 0.5).astype(int)}


def test_a_hundred_thousand_rows_give_the_figures_of_scikit_learn(tmp_path: Path) -> None:
    columns = _scored(100_000)
    labelled = np.random.default_rng(1).random(100_000) < 0.8
    truth, probability, prediction = (
        columns[name][labelled] for name in ("truth", "probability", "prediction")
    )
    assert len(np.unique(probability)) < 1_100

    (found,) = _judged(
        tmp_path,
        100_000,
        **{
            **columns,
            "truth": [
                int(each) if known else None for each, known in zip(columns["truth"], labelled, strict=True)
            ],
        },
    )

    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(
        truth, prediction, average="binary"
    )
    assert found.metrics == pytest.approx(
        {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "average_precision": sklearn_metrics.average_precision_score(truth, probability),
            "brier": sklearn_metrics.brier_score_loss(truth, probability),
        },
        abs=1e-6,
    )
    tn, fp, fn, tp = sklearn_metrics.confusion_matrix(truth, prediction).ravel().tolist()
    assert found.confusion == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}
    assert (found.events, found.labelled) == (100_000, labelled.sum())


def test_the_intervals_are_those_of_the_bootstrap_over_blocks(tmp_path: Path) -> None:
    columns = _scored(8_000)
    (found,) = _judged(tmp_path, 8_000, **columns)
    scored = Scored(columns["truth"], columns["probability"], columns["prediction"])

    drawn = intervals(scored, Units.of_blocks(8_000))

    for name, (low, high) in drawn.items():
        assert found.intervals[name] == pytest.approx((low, high), abs=0.15 * (high - low)), name
    errors = (columns["probability"] - columns["truth"]) ** 2
    margin = 1.96 * errors.std() / 8_000**0.5
    assert found.intervals["brier"] == pytest.approx(
        (errors.mean() - margin, errors.mean() + margin), abs=0.1 * margin
    )


def test_rows_that_depend_on_each_other_have_wider_intervals(tmp_path: Path) -> None:
    runs = {name: np.repeat(values, 20) for name, values in _scored(500, 0.2).items()}
    order = np.random.default_rng(3).permutation(10_000)

    def widths(columns: dict[str, Any]) -> dict[str, float]:
        (found,) = _judged(tmp_path, 10_000, **columns)
        return {name: high - low for name, (low, high) in found.intervals.items()}

    dependent = widths(runs)
    independent = widths({name: values[order] for name, values in runs.items()})

    for name in METRICS:
        assert dependent[name] > 1.5 * independent[name], name


def test_scores_without_probabilities_are_ranked_and_have_no_brier_score(tmp_path: Path) -> None:
    columns = _scored(2_000)
    score = columns.pop("probability") * 40 - 3

    (found,) = _judged(tmp_path, 2_000, **columns, score=score)

    expected = sklearn_metrics.average_precision_score(columns["truth"], score)
    assert found.metrics["average_precision"] == pytest.approx(expected, abs=1e-6)
    assert found.metrics["brier"] is None
    assert "brier" not in found.intervals


def test_the_probability_of_a_class_is_turned_into_that_of_a_failure(tmp_path: Path) -> None:
    columns = _scored(2_000)
    stated = np.where(columns["prediction"] == 1, columns["probability"], 1 - columns["probability"])
    label = np.where(columns["prediction"] == 1, "attack", "normal")

    (found,) = _judged(tmp_path, 2_000, **{**columns, "probability": stated, "label": label})

    expected = sklearn_metrics.brier_score_loss(columns["truth"], columns["probability"])
    assert found.metrics["brier"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("truth", "prediction", "unknown"),
    [
        ([0, 0, 0, 0], [0, 1, 0, 1], {"recall", "f1", "average_precision"}),
        ([1, 1, 1, 1], [0, 1, 0, 1], set()),
        ([0, 1, 0, 1], [0, 0, 0, 0], {"precision"}),
        ([None] * 4, [0, 1, 0, 1], set(METRICS)),
    ],
)
def test_what_the_labels_do_not_allow_is_unknown(
    tmp_path: Path, truth: list[int | None], prediction: list[int], unknown: set[str]
) -> None:
    (found,) = _judged(tmp_path, 4, truth=truth, prediction=prediction, probability=[0.1, 0.6, 0.2, 0.7])

    assert {name for name, value in found.metrics.items() if value is None} == unknown
    assert set(found.intervals) == set(METRICS) - unknown


def test_answers_of_two_kinds_cannot_be_ranked_together(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"truth": [0, 1, 0, 1], "prediction": [0, 1, 0, 1]}

    (found,) = _judged(tmp_path, 4, **columns, probability=[0.1, 0.9, None, None], score=[None, None, 3, 5])

    assert found.metrics["average_precision"] is None
    assert found.metrics["brier"] is None
    assert found.metrics["f1"] == 1


def test_shadows_and_later_scores_are_left_out_unless_the_model_is_asked_for(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "truth": [1, 1, 1],
        "prediction": [1, 0, 0],
        "model": ["m", "m", "s"],
        "rescored": [None, True, False],
        "shadow": [False, None, True],
    }

    every = _judged(tmp_path, 3, **columns)
    shadow = _judged(tmp_path, 3, Selection(SINCE, model="s"), **columns)

    assert [(each.model, each.events) for each in every] == [("m", 1)]
    assert [(each.model, each.events) for each in shadow] == [("s", 1)]


def test_each_part_is_judged_by_itself(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "truth": [1, 1, 0, 0],
        "prediction": [1, 0, 0, 1],
        "sensor": ["a", "b", "a", "b"],
        "version": ["1", "1", "1", "2"],
    }

    def by(part: Any) -> dict[str, int]:
        return {each.part: each.events for each in _judged(tmp_path, 4, Selection(SINCE, by=part), **columns)}

    assert by("sensor") == {"a": 2, "b": 2}
    assert by("version") == {"1": 3, "2": 1}
    assert by("day") == {"2026-11-20": 4}
    assert [each.events for each in _judged(tmp_path, 4, Selection(SINCE, version="2"), **columns)] == [1]
    later = replace(EVERY, since=datetime(2026, 11, 20, 0, 0, 0, 2_000, tzinfo=UTC))
    assert [each.events for each in _judged(tmp_path, 4, later, **columns)] == [2]


def test_a_promise_is_broken_if_the_interval_ends_below_the_promised_one() -> None:
    base = Quality(
        "m", "", 10, 1, "1", 10, {}, {"recall": 0.5, "f1": 0.8}, {"recall": (0.4, 0.6), "f1": (0.7, 0.9)}
    )
    promised = {"recall": 0.9, "f1": 0.85, "precision": 1.0}
    spans = {"recall": (0.7, 0.95), "f1": (0.8, 0.9)}

    assert replace(base, promised=promised, promised_intervals=spans).broken_promises == ["recall"]
    assert replace(base, promised=promised).broken_promises == ["recall"]
    assert base.broken_promises == []


def test_a_name_with_a_quote_stays_a_text(tmp_path: Path) -> None:
    assert _judged(tmp_path, 1, Selection(SINCE, model="it's", version="' or 1 = 1"), prediction=[1]) == []
