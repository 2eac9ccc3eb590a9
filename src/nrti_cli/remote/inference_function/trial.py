"""Tests an endpoint for `nrti deploy-model`, with the code that invokes it for events; nothing is stored.

Request:  {"endpoint": name, "signature": the declared one or null, "rows": [sequence, ...]}
Response: {"rows": [{"prediction": 0, ...} or {"error": why}, ...], "form": how the answer was recognised,
           "answer": its first characters}, or {"reason": why there is none, "passing": whether to retry}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .answer_rows import EXCERPT, Unreadable
from .answers import Refused, Unread, Verdict, read_answer
from .direct import Response
from .endpoints import EndpointBusy, EndpointUnavailable, ModelFailed, Models, Refusal
from .signature import CSV, Signature

#: The form of a response, by its first member.
_OBJECTS = {"outputs": "KServe V2", "scores": "Random Cut Forest"}
_ENTRIES = {
    "prediction": "nrti",
    "error": "nrti",
    "predicted_label": "Linear Learner",
    "label": "Hugging Face",
}


def trial(models: Models, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The endpoint's response to rows, in the format of the module's description."""
    signature, rows = Signature.of(asked["signature"] or {}), asked["rows"]
    try:
        response = models.invoke(asked["endpoint"], signature, rows)
    except (EndpointBusy, EndpointUnavailable) as error:
        return {"reason": str(error), "passing": True}
    except (ModelFailed, Refusal) as error:
        return {"reason": str(error), "passing": False}
    about = {"form": _form(signature, response), "answer": response.body[:EXCERPT].decode(errors="replace")}
    try:
        verdicts = read_answer(signature, response.content_type, response.body, len(rows))
    except Unreadable as error:
        return about | {"reason": str(error), "passing": False}
    return about | {"rows": [_result(verdict) for verdict in verdicts]}


def _result(row: Verdict | Refused | Unread) -> dict[str, Any]:
    if isinstance(row, Verdict):
        return {name: value for name, value in asdict(row).items() if value is not None}
    return {"error": row.reason}


def _form(signature: Signature, response: Response) -> str:
    """What an answer was taken for."""
    if signature.locates:
        return "declared"
    if response.content_type.partition(";")[0].strip().lower() == CSV:
        return "CSV"
    try:
        document = json.loads(response.body)
    except ValueError:
        return "lines"
    if isinstance(document, list):
        return _entries(document, "a list")
    found = next((form for name, form in _OBJECTS.items() if name in document), "")
    return found or _entries(document.get("predictions", [document]), "TensorFlow Serving")


def _entries(entries: list[Any], otherwise: str) -> str:
    first = entries[0] if entries else None
    named = first if isinstance(first, dict) else {}
    return next((form for name, form in _ENTRIES.items() if name in named), otherwise)
