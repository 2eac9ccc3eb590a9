"""The records of the pipeline: the event that a producer sends, and the prediction that is stored."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from nrti_cli.assets import asset

Event = Mapping[str, Any]

#: The suffix of the key of a prediction that a later version of the model made for an event sent again.
RESCORED = "#rescored"
_TIME_CHARACTERS = len("2026-11-22T15:36:53.278Z")


@cache
def _validator() -> Callable[[Any], Any]:
    import fastjsonschema

    one_event = {"$ref": "#/definitions/event", "definitions": event_schema()["definitions"]}
    compiled: Callable[[Any], Any] = fastjsonschema.compile(one_event)
    return compiled


@cache
def event_schema() -> dict[str, Any]:
    """The JSON schema of a request body: the file that the API validates with."""
    schema: dict[str, Any] = json.loads(asset("cloudformation/event.schema.json").read_text(encoding="utf-8"))
    return schema


def defect(event: object) -> str | None:
    """Validates an event; returns a short description of what is wrong with it, or None."""
    import fastjsonschema

    try:
        _validator()(event)
    except fastjsonschema.JsonSchemaValueException as error:
        # fastjsonschema calls the whole document `data`, which is also the name of a field.
        return str(error.message).replace("data", "event", 1)
    return None


def require_sensor(name: str) -> None:
    """Validates the name of a sensor.

    Raises:
        ValueError: the schema does not allow it; the text says why.
    """
    _require("sensor", "a sensor", name)


def require_event_id(text: str) -> None:
    """Validates the id of an event.

    Raises:
        ValueError: the schema does not allow it; the text says why.
    """
    _require("event_id", "an event's id", text)


def _require(field: str, what: str, text: str) -> None:
    rule = event_schema()["definitions"][field]
    shortest, longest = rule["minLength"], rule["maxLength"]
    if not shortest <= len(text) <= longest or not re.fullmatch(rule["pattern"], text):
        raise ValueError(
            f"{reprlib.repr(text)} cannot be {what}: "
            f"use {shortest} to {longest} characters, and no control characters"
        )


def event_key(milliseconds: int, event_id: str, model: str, *, rescored: bool = False) -> str:
    """The key of a model's prediction among those of a sensor; keys sort by time.

    It is the sort key of the item. The key of a rescored event ends in the model's version.
    """
    return f"{time_key(milliseconds)}#{event_id}#{model}{RESCORED if rescored else ''}"


def time_key(milliseconds: int) -> str:
    """The prefix that the keys of all events of a time have in common."""
    seconds = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def stored_key(event_key_: str, event_id: str, model: str, *, rescored: bool) -> str:
    """The key of a stored item, also of an old one whose key does not name the model."""
    return f"{event_key_[:_TIME_CHARACTERS]}#{event_id}#{model}{RESCORED if rescored else ''}"


@dataclass(frozen=True)
class Prediction:
    """A stored prediction.

    Attributes:
            event_id: assigned by the producer, or by the pipeline if it is missing.
            timestamp: time of the event, by the producer's clock.
            received_at: when the API received it.
            predicted_at: when the model had responded.
            data: the sequence in its original order; with several channels, one list for each time.
            prediction: 1 means failure.
            endpoint: the model's endpoint.
            probability: of a failure, or of `label` if it is set; 0 to 1, None if the model returns none.
            score: an unbounded number, if the model returns one.
            label: the predicted label of a model whose labels are not 0 and 1.
            version: of the model: the time of its publication in UTC, to milliseconds, as digits; or the
                production variant if nrti did not publish the endpoint.
            channels: how many numbers the sequence has for each time; None if it is flat.
    """

    event_id: str
    sensor: str
    model: str
    timestamp: datetime
    received_at: datetime
    predicted_at: datetime
    data: tuple[float, ...]
    prediction: int
    endpoint: str
    probability: float | None = None
    score: float | None = None
    label: str | None = None
    version: str = ""
    channels: int | None = None
