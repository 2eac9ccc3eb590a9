"""Answers that no page, test or source of Trino has: they are our reading of its rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import fidelity
from tests.unit.nrti_local.athena.answering import Answering
from tests.unit.nrti_local.athena.test_golden import rows_of
from tests.unit.nrti_local.athena.translating import refusal

#: (the rule, expression, answer)
READINGS = list(rows_of(Path(__file__).with_name("readings.txt")))


def test_the_answers_follow_from_trinos_rules() -> None:
    answering = Answering()
    answers = [answering.of(expression) for _, expression, _ in READINGS]
    answering.close()

    assert answers == [answer for _, _, answer in READINGS]
    fidelity.says(f"{len(READINGS)} answers are our reading")


@pytest.mark.parametrize("sql", ["select _col0 from (select 1)", "select _col0 from (values 1)"])
def test_a_column_without_a_name_cannot_be_named(sql: str) -> None:
    assert refusal(sql) == "COLUMN_NOT_FOUND: line 1:8: Column '_col0' cannot be resolved"
