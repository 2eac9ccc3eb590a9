"""The queries about models in production, on the embedded Athena's engine."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nrti_cli.dashboard.outcomes import WIDTH, labelled_statement, shadowed_statement
from tests.unit.quality.outcomes import outcomes, run

NOW = datetime.now(UTC).replace(tzinfo=None)
ROWS = 400


def test_labelled_predictions_are_counted_by_truth_with_those_of_shadows_apart(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    prediction, truth = random.integers(0, 2, ROWS), random.integers(-1, 2, ROWS)
    shadow = [None if number % 3 else bool(number % 2) for number in range(ROWS)]
    at = np.datetime64(NOW, "ms") - random.integers(0, 3 * 86_400_000, ROWS).astype("timedelta64[ms]")
    rows = outcomes(
        ROWS,
        prediction=prediction,
        truth=[None if value < 0 else int(value) for value in truth],
        shadow=shadow,
        predicted_time=at,
    )

    found = run(labelled_statement(), rows, tmp_path, NOW.date())

    expected = Counter(
        (int(when.astype("int64")) // 1000 // WIDTH, bool(apart), int(said), int(was))
        for when, apart, said, was in zip(at, shadow, prediction, truth, strict=True)
        if was >= 0
    )
    kinds = {"hits": (1, 1), "false_alarms": (1, 0), "missed": (0, 1), "rejected": (0, 0)}
    assert expected == {
        (int(row["bucket"]), row["shadow"] == "true", *kind): int(row[name])
        for row in found
        for name, kind in kinds.items()
        if int(row[name])
    }
    assert {row["model"] for row in found} == {"m"}


def test_a_shadow_is_compared_on_the_events_of_its_model(tmp_path: Path) -> None:
    at, ids = [NOW] * 8, ["1", "2", "3", "1", "2", "3", "3", "4"]
    rows = outcomes(
        8,
        event_id=ids,
        model=["m", "m", "m", "s", "s", "s", "another", "s"],
        event_time=at,
        predicted_time=at,
        received_time=at,
        prediction=[1, 0, 1, 1, 1, 1, 0, 1],
        shadow=[None, False, None, True, True, True, None, True],
    )
    sql = shadowed_statement(["m"]).replace("from predictions", "from outcomes")

    (pair,) = run(sql, rows, tmp_path, NOW.date())

    assert (pair["model"], pair["shadow"]) == ("m", "s")
    assert [pair[name] for name in ("events", "alike", "failures", "shadow_failures")] == ["3", "2", "2", "3"]
