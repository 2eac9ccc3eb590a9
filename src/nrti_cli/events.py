"""The records of the pipeline: the event that a producer sends and the prediction that is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from nrti_cli.assets import asset

Event = Mapping[str, Any]


@cache
def _validator() -> Callable[[Any], Any]:
    import fastjsonschema

    one_event = {"$ref": "#/definitions/event", "definitions": event_schema()["definitions"]}
    compiled: Callable[[Any], Any] = fastjsonschema.compile(one_event)
    return compiled


@cache
def event_schema() -> dict[str, Any]:
    """The JSON schema of a request body, the same file that the API validates with."""
    schema: dict[str, Any] = json.loads(asset("cloudformation/event.schema.json").read_text())
    return schema


def defect(event: object) -> str | None:
    """What is wrong with an event by the schema, in a few words, or None."""
    import fastjsonschema

    try:
        _validator()(event)
    except fastjsonschema.JsonSchemaValueException as error:
        # fastjsonschema calls the whole document `data`, which is a field of ours.
        return str(error.message).replace("data", "event", 1)
    return None


def require_sensor(name: str) -> None:
    """Checks the name of a sensor by the schema.

    Raises:
        ValueError: it could not be in an event; it says why.
    """
    rule = event_schema()["definitions"]["sensor"]
    shortest, longest = rule["minLength"], rule["maxLength"]
    if not shortest <= len(name) <= longest or not re.fullmatch(rule["pattern"], name):
        raise ValueError(
            f"{name!r} cannot be a sensor: use {shortest} to {longest} characters, and no control characters"
        )


def event_key(milliseconds: int, event_id: str) -> str:
    """The sort key of an event's item, from its time since 1970 and its id; it sorts as time does."""
    seconds = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z#{event_id}"


@dataclass(frozen=True)
class Prediction:
    """A stored prediction.

    Attributes:
        event_id: the producer's identifier, or the one that the pipeline made.
        timestamp: when it happened, by the producer's clock.
        received_at: when the API took it.
        predicted_at: when the model had answered.
        data: the sequence, in the order in which it was sent.
        prediction: 1 means failure.
        probability: of a failure, 0 to 1.
    """

    event_id: str
    sensor: str
    model: str
    timestamp: datetime
    received_at: datetime
    predicted_at: datetime
    data: tuple[float, ...]
    prediction: int
    probability: float
    endpoint: str
