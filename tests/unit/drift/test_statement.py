"""The statements that Athena gets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import sqlglot

from nrti_cli.drift import statement
from nrti_cli.remote.alerts_function import counting
from nrti_cli.remote.alerts_function.counted import fitting
from nrti_cli.remote.alerts_function.counting import Chosen, Period
from tests.unit.remote.references import mixed, reference, scores

PERIOD = Period(datetime(2026, 11, 27, 23, 59, 30, tzinfo=UTC), datetime(2026, 11, 28, 1, tzinfo=UTC))
CHOSEN = Chosen("pump's", "20261122120000000")
COLUMNS = reference(mixed(500, 8, seed=1), scores(100, seed=2))["columns"]


@pytest.mark.parametrize(
    "sql",
    [
        counting.counts(CHOSEN, COLUMNS, PERIOD, 20, sensors=True),
        statement.deciles(CHOSEN, PERIOD, 10),
        statement.extent(CHOSEN, PERIOD, 1_000),
    ],
)
def test_it_is_trinos_sql_and_limits_days_model_and_version(sql: str) -> None:
    (tree,) = sqlglot.parse(sql, read="trino")

    assert tree
    conditions = (
        "day between '2026-11-27' and '2026-11-29'",  # a prediction may be delivered a day later
        "model = 'pump''s'",
        "version = '20261122120000000'",
        "predicted_time >= timestamp '2026-11-27 23:59:30.000'",
        "predicted_time < timestamp '2026-11-28 01:00:00.000'",
    )
    assert all(condition in sql for condition in conditions)


def test_the_data_are_read_once_for_all_inputs() -> None:
    sql = counting.counts(CHOSEN, COLUMNS, PERIOD, sensors=True)

    values, _, sensors = sql.partition("union all")
    assert (values.count("predictions_raw"), sensors.count("predictions_raw")) == (1, 1)
    assert "data" not in sensors
    assert values.count("array[") == 1 + len(COLUMNS)


def test_numbers_are_doubles() -> None:
    """Without an exponent, Trino takes them for decimals."""
    columns = [{"name": "a", "edges": [-1e-07, 0.5, 3.0, 1e38]}]

    assert "(1, array[-1e-07, 0.5e0, 3.0e0, 1e+38])" in counting.counts(CHOSEN, columns, PERIOD, 1)


def test_a_value_that_the_reference_does_not_have_is_left_out() -> None:
    columns: list[dict[str, Any]] = [{"name": "prediction", "edges": [1.0]}, {"edges": []}]

    assert "(2, array" not in counting.counts(CHOSEN, columns, PERIOD, 1)


def test_the_statement_for_the_longest_sequences_fits_into_athenas_limit() -> None:
    rows = np.random.default_rng(1).normal(1e5, 1e-3, (200, 2_048))
    columns = reference(rows, scores(100, seed=2))["columns"]

    fitted, sql = fitting(columns, lambda each: counting.counts(CHOSEN, each, PERIOD, 1))

    assert len(sql) <= 262_144
    assert [sum(each["counts"]) for each in fitted] == [sum(each["counts"]) for each in columns]
    assert [each["edges"][:: len(each["edges"]) - 1] for each in fitted[1:]] == [
        each["edges"][:: len(each["edges"]) - 1] for each in columns[1:]
    ]
    for each in fitted:
        assert len(each["counts"]) == len(each["edges"]) + 1
