"""A label that options describe: one of three forms, and nothing in between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nrti_cli.errors import UsageError
from nrti_cli.labels.single import single

NOON, ONE = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 13, tzinfo=UTC)


def test_the_three_forms() -> None:
    found = [
        single("e", None, None, None, None, 1),
        single(None, "r", NOON, None, None, 0),
        single(None, "r", None, NOON, ONE, 1),
    ]

    assert [each.form for each in found] == ["event", "time", "interval"]
    assert [tuple(each.rows.to_pylist()[0].values()) for each in found] == [
        ("e", None, None, None, 1),
        (None, "r", NOON.replace(tzinfo=None), NOON.replace(tzinfo=None), 0),
        (None, "r", NOON.replace(tzinfo=None), ONE.replace(tzinfo=None), 1),
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((None, "r", None, None, None), "the times of a sensor's label are incomplete"),
        ((None, "r", None, NOON, None), "the times of a sensor's label are incomplete"),
        ((None, "r", NOON, NOON, ONE), "the times of a sensor's label are incomplete"),
        ((None, "r", None, ONE, NOON), "--to is before --from"),
        (("e", "r", None, None, None), "--event names the event"),
        (("e", None, NOON, None, None), "--event names the event"),
        (("", None, None, None, None), "'' cannot be an event's id"),
        ((None, None, NOON, None, None), "there is nothing to label"),
    ],
)
def test_anything_else_is_refused(given: tuple[Any, Any, Any, Any, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        single(*given, label=1)
