from __future__ import annotations

import json
from typing import Any

import fastjsonschema
import pytest

from nrti_cli.assets import asset
from nrti_cli.remote.inference_function.validation import defect

GOOD: dict[str, Any] = {"sensor": "s", "model": "m", "data": [1, -2.5, 0]}

ACCEPTED: list[dict[str, Any]] = [
    {},
    {"timestamp": 0},
    {"timestamp": 253402300799999},
    {"event_id": "e"},
    {"sensor": "Öl-Druck 🛢"},
    {"sensor": "x" * 128},
    {"model": "a--b"},
    {"data": [1] * 512},
    {"data": [1e38, -1e38, 1e-300, 10**38 - 10**22]},
]

REFUSED: list[tuple[Any, str]] = [
    ({**GOOD, "extra": 1}, "'extra' is not a field"),
    ({"sensor": "s", "model": "m"}, "data is missing"),
    ({"model": "m", "data": [1]}, "sensor is missing"),
    ({**GOOD, "sensor": ""}, "sensor"),
    ({**GOOD, "sensor": 7}, "sensor"),
    ({**GOOD, "sensor": "x" * 129}, "sensor"),
    ({**GOOD, "sensor": "a\nb"}, "sensor"),
    ({**GOOD, "sensor": None}, "sensor"),
    ({**GOOD, "model": "-m"}, "model"),
    ({**GOOD, "model": "m/../x"}, "model"),
    ({**GOOD, "model": ["m"]}, "model"),
    ({**GOOD, "model": "x" * 64}, "model"),
    ({**GOOD, "data": []}, "data must"),
    ({**GOOD, "data": [1] * 2049}, "data has"),
    ({**GOOD, "data": [[]]}, "equal length"),
    ({**GOOD, "data": [[[1]]]}, "data[0][0]"),
    ({**GOOD, "data": [[1], ["2"]]}, "data[1][0]"),
    ({**GOOD, "rescore": 1}, "rescore"),
    ({**GOOD, "data": "123"}, "data must"),
    ({**GOOD, "data": {"0": 1}}, "data must"),
    ({**GOOD, "data": [1, "2"]}, "data[1]"),
    ({**GOOD, "data": [1, None]}, "data[1]"),
    ({**GOOD, "data": [1e39]}, "data[0]"),
    ({**GOOD, "data": [-(10**400)]}, "data[0]"),
    ({**GOOD, "timestamp": -1}, "timestamp"),
    ({**GOOD, "timestamp": 1.5}, "timestamp"),
    ({**GOOD, "timestamp": "2026-11-22"}, "timestamp"),
    ({**GOOD, "timestamp": None}, "timestamp"),
    ({**GOOD, "timestamp": 253402300800000}, "timestamp"),
    ({**GOOD, "received_at": "now"}, "received_at"),
    ({**GOOD, "event_id": ""}, "event_id"),
    ({**GOOD, "event_id": 5}, "event_id"),
]

#: What JSON schema says nothing about, or what only Python makes of a JSON text.
REFUSED_BY_HAND: list[tuple[Any, str]] = [
    (None, "object"),
    ([GOOD], "object"),
    ("text", "object"),
    ({**GOOD, "sensor": "\ud800"}, "sensor"),
    ({**GOOD, "model": "m\n"}, "model"),
    ({**GOOD, "model": "x" * 60}, "at most 58"),
    ({**GOOD, "data": [True]}, "data[0]"),
    ({**GOOD, "data": [[1, 2], [3]]}, "equal length"),
    ({**GOOD, "data": [[1, 2], 3]}, "equal length"),
    ({**GOOD, "data": [1, [2, 3]]}, "data[1]"),
    ({**GOOD, "data": [[1] * 2] * 1025}, "1025 x 2 numbers"),
    ({**GOOD, "data": [float("nan")]}, "data[0]"),
    ({**GOOD, "data": [float("inf")]}, "data[0]"),
    ({**GOOD, "timestamp": True}, "timestamp"),
    ({**GOOD, "timestamp": float("nan")}, "timestamp"),
    ({**GOOD, "timestamp": float("inf")}, "timestamp"),
]


def _short(value: object) -> str:
    return repr(value)[:100]


def _schema_accepts(body: object) -> bool:
    validate = fastjsonschema.compile(json.loads(asset("cloudformation/event.schema.json").read_text()))
    try:
        validate(body)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


@pytest.mark.parametrize("change", ACCEPTED, ids=_short)
def test_what_the_schema_accepts_is_accepted(change: dict[str, Any]) -> None:
    event = {**GOOD, **change}

    assert _schema_accepts(event)
    assert _schema_accepts([event])
    assert defect(event, "nrti") is None


@pytest.mark.parametrize(("event", "reason"), REFUSED, ids=_short)
def test_what_the_schema_refuses_is_refused(event: Any, reason: str) -> None:
    assert not _schema_accepts(event)
    assert not _schema_accepts([GOOD, event])
    assert reason in (defect(event, "nrti") or "")


@pytest.mark.parametrize(("event", "reason"), REFUSED_BY_HAND, ids=_short)
def test_what_only_a_hostile_producer_sends_is_refused_as_well(event: Any, reason: str) -> None:
    assert reason in (defect(event, "nrti") or "")


@pytest.mark.parametrize(("count", "accepted"), [(0, False), (1, True), (25, True), (26, False)])
def test_a_request_has_one_to_25_events(count: int, accepted: bool) -> None:
    assert _schema_accepts([GOOD] * count) is accepted
