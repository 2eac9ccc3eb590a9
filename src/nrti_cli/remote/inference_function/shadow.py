"""Lets the shadows of models score the events of a request, for separate predictions.

The workflow of the shadows calls it, after the events were stored, in the way in which the workflow of the
events calls handler.py; the result has the same form. An event that a shadow cannot score is no dead letter:
it is counted in the log.

It is a function of its own, so that slow shadows take no capacity from the models that are in service, and
its errors belong to no alarm.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .endpoints import Models, Rejection
from .former import Former
from .handler import RETENTION_DAYS, ask, clients, piece_of
from .records import Record, Request, batch, new_items
from .shadows import Shadows
from .validation import defect

Payload = Mapping[str, Any]


def handler(payload: Payload, context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda passes it)
    """The entry point, called by Lambda."""
    started = time.perf_counter()
    models, former, shadows = clients()
    answer, failed = score(payload, models, former, shadows)
    line: dict[str, Any] = {
        "request_id": payload["request_id"],
        "shadow_items": len(answer["pending"]["RequestItems"][former.table]),
        "next": answer["next"],
        "milliseconds": round(1000 * (time.perf_counter() - started), 1),
    }
    if failed:
        line["failed_shadows"] = failed
        line["failing_models"] = {shadow: next(iter(errors)) for shadow, errors in failed.items()}
    print(json.dumps(line))
    return answer


def score(
    payload: Payload, models: Models, former: Former, shadows: Shadows
) -> tuple[dict[str, Any], dict[str, dict[str, int]]]:
    """The items of the shadows for the events from `position` on, and the failures by shadow and error.

    Raises:
        EndpointBusy: a later attempt may succeed; not raised if `lenient`.
        EndpointUnavailable: likewise.
    """
    request = Request(payload["request_id"], payload["received_at"])
    piece, checked = piece_of(payload), payload.get("whole", False)
    asked = {
        position: _shadowed(request.complete(event, position), shadow)
        for position, event in piece.events.items()
        if (checked or not defect(event, models.stack)) and (shadow := shadows.of(event["model"]))
    }
    answers = ask(models, asked, lenient=payload["lenient"])
    judged = former.keep([(event, answers[position]) for position, event in asked.items()])
    now = time.time_ns() // 1_000_000
    items = new_items(judged, request.received_at, now, RETENTION_DAYS)
    return batch(former.table, items, [], "", piece.following), _failed(judged)


def _shadowed(event: Record, shadow: str) -> Record:
    return {**event, "model": shadow, "shadow": True}


def _failed(judged: list[tuple[Any, Any]]) -> dict[str, dict[str, int]]:
    failed: dict[str, Counter[str]] = {}
    for event, answer in judged:
        if isinstance(answer, Rejection):
            failed.setdefault(event["model"], Counter())[answer.error] += 1
    return {shadow: dict(errors) for shadow, errors in failed.items()}
