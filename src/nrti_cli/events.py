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

#: Ends the identity of a prediction that a later version made of an event again.
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


def event_key(milliseconds: int, event_id: str, model: str, *, rescored: bool = False) -> str:
    """What identifies a model's prediction of an event among those of its sensor; it sorts as time does.

    It is the sort key of the prediction's item. That of a rescored event ends in the model's version instead.
    """
    return f"{time_key(milliseconds)}#{event_id}#{model}{RESCORED if rescored else ''}"


def time_key(milliseconds: int) -> str:
    """The beginning of the keys of all predictions of events of a time."""
    seconds = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def stored_key(event_key_: str, event_id: str, model: str, *, rescored: bool) -> str:
    """The same of a stored item, also of one from before a key named the model."""
    return f"{event_key_[:_TIME_CHARACTERS]}#{event_id}#{model}{RESCORED if rescored else ''}"


@dataclass(frozen=True)
class Prediction:
    """A stored prediction.

    Attributes:
        event_id: the producer's identifier, or the one that the pipeline made.
        timestamp: when it happened, by the producer's clock.
        received_at: when the API took it.
        predicted_at: when the model had answered.
        data: the sequence, in the order in which it was sent; of several channels time by time.
        prediction: 1 means failure.
        endpoint: of the model.
        probability: of a failure, 0 to 1, or of the label if there is one; None if the model gives none.
        score: a number without bounds, if the model gives one.
        label: of a model with other labels than 0 and 1.
        version: of the model: when it was published, to milliseconds in UTC, as digits; or the production
            variant of an endpoint that nrti did not publish.
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
