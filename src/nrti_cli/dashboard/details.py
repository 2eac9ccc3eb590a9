"""Looks up one sensor or one prediction in the table when it is opened."""

from __future__ import annotations

import shlex
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nrti_cli.athena.literals import quoted
from nrti_cli.aws.dynamodb.items import PredictionItems
from nrti_cli.dashboard.thresholds import thresholds
from nrti_cli.dashboard.views import record
from nrti_cli.tail import stored_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.tail import Item

#: Predictions of a sensor that are shown.
_SHOWN = 200
#: A silence is this many times as long as the median pause between two events, and at least so long.
_TIMES_MEDIAN, _SHORTEST_SILENCE = 5, 1_000
_SILENCES = 10


def of_sensor(target: Target, table: str, sensor: str) -> dict[str, Any]:
    """The newest predictions of a sensor, the newest first, its models with thresholds, and its silences.

    Args:
        target: where the table is.
        table: its name.
        sensor: the sensor's name.
    """
    predictions = list(_records(PredictionItems(target, table).latest_of_sensor(sensor, _SHOWN)))
    models = Counter((prediction["model"], prediction["version"]) for prediction in predictions)
    times = sorted({prediction["timestamp"] for prediction in predictions})
    known = thresholds(target, models)
    return {
        "sensor": sensor,
        "predictions": predictions,
        "models": [[*model, count, known.get(model)] for model, count in models.items()],
        "silences": _silences(times),
    }


def _records(items: Iterable[Item]) -> Iterator[dict[str, Any]]:
    """The predictions among the items of the table, into which other programs may put something else."""
    for item in items:
        with suppress(KeyError, ValueError):
            yield {**record(stored_item(item)), "key": item["event_key"]["S"]}


def _silences(times: Sequence[int]) -> list[dict[str, int]]:
    """The longest pauses between events that are out of the ordinary, the newest first."""
    pauses = [(later - earlier, earlier, later) for earlier, later in pairwise(times)]
    if not pauses:
        return []
    median, _, _ = sorted(pauses)[len(pauses) // 2]
    least = max(_TIMES_MEDIAN * median, _SHORTEST_SILENCE)
    longest = sorted((pause for pause in pauses if pause[0] > least), reverse=True)[:_SILENCES]
    return [{"from": earlier, "to": later} for _, earlier, later in sorted(longest, key=lambda one: -one[2])]


def of_prediction(target: Target, table: str, sensor: str, key: str) -> dict[str, Any] | None:
    """All that is known of a prediction, or None if it is not there.

    Returns:
        The prediction, the `event` as it can be sent again, and the `command` that finds it in the lake.
    """
    prediction = next(_records(PredictionItems(target, table).of_keys([(sensor, key)])), None)
    if prediction is None:
        return None
    return {
        "prediction": prediction,
        "event": _event(prediction),
        "command": _command(target, prediction),
    }


def _event(prediction: dict[str, Any]) -> dict[str, Any]:
    values, width = list(prediction["data"]), prediction["channels"]
    data = [values[at : at + width] for at in range(0, len(values), width)] if width else values
    sent = {name: prediction[name] for name in ("sensor", "model", "timestamp", "event_id")}
    return {**sent, "data": data}


def _command(target: Target, prediction: dict[str, Any]) -> str:
    """Without the day of the delivery, Athena would read the whole lake."""
    day = datetime.fromtimestamp(prediction["predicted_at"] / 1000, UTC).date()
    sql = f"select * from predictions where day >= '{day}' and event_id = {quoted(prediction['event_id'])}"  # noqa: S608 (a command to be shown)
    return f"nrti query {shlex.quote(sql)} {target.options}"
