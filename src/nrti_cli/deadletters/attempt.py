"""Sends the events of dead letters through the workflow once, and checks whether they are stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from nrti_cli.aws.dynamodb.items import Key, PredictionItems
from nrti_cli.aws.stepfunctions import Execution, Workflow
from nrti_cli.deadletters.letter import Letter, is_rescored, key

#: Limit of the events of one execution: they grow on the way, and a state's data must fit into 256 KiB.
EVENTS_AT_ONCE = 25
_BYTES_AT_ONCE = 100_000


@dataclass(frozen=True)
class Failure:
    """Why an event is not stored.

    Attributes:
        judged: the workflow rejected this event; otherwise the whole execution failed.
    """

    error: str
    cause: str
    judged: bool


#: For each event of a letter: None if it is stored.
LetterOutcome = Sequence[Failure | None]


class Attempt:
    """Sends the events of letters through the workflow.

    Args:
        workflow: the inference workflow; for a redrive it puts nothing into the queue.
        items: of the predictions table.
        labels_workflow: that of labels, likewise.
    """

    def __init__(self, workflow: Workflow, items: PredictionItems, labels_workflow: Workflow) -> None:
        self._workflow = workflow
        self._items = items
        self._labels_workflow = labels_workflow

    def __call__(self, letters: Sequence[Letter]) -> list[LetterOutcome]:
        """Sends the letters' events or labels; returns the outcome of each letter."""
        events = [event for letter in letters if not letter.of_labels for event in letter.events]
        failures = iter([failure for some in _pieces(events) for failure in self._send(some)])
        return [
            self._record(letter) if letter.of_labels else list(islice(failures, len(letter.events)))
            for letter in letters
        ]

    def _record(self, letter: Letter) -> LetterOutcome:
        """Sends the labels of a letter, with the time of their request, so that they are no later word."""
        execution = self._labels_workflow.run({**letter.body(), "redrive": True})
        rejected = _failures(execution, "labels")
        default = None if _ended_well(execution) else Failure(*_reason(execution), judged=False)
        return [rejected.get(_identity(label), default) for label in letter.events]

    def _send(self, events: Sequence[Any]) -> list[Failure | None]:
        execution = self._workflow.run(
            {"request_id": "redrive", "received_at": 0, "events": events, "redrive": True}
        )
        if execution.refused and len(events) > 1:
            # An event that Step Functions rejects as invalid JSON must not prevent the others from being
            # stored.
            half = len(events) // 2
            return self._send(events[:half]) + self._send(events[half:])
        stored = self._stored(events)
        failures = _failures(execution, "events")
        default = Failure(*_reason(execution), judged=False)

        def outcome(event: Any) -> Failure | None:
            failure = failures.get(_identity(event))
            # The key of a rescored event contains the model's version, which is unknown here.
            unseen = is_rescored(event) and failure is None and _ended_well(execution)
            return None if unseen or key(event) in stored else failure or default

        return list(map(outcome, events))

    def _stored(self, events: Sequence[Any]) -> set[Key]:
        return self._items.present([found for event in events if (found := key(event))])


def _pieces(events: Sequence[Any]) -> Iterator[list[Any]]:
    """Splits the events, in order, into groups for one execution each; at least one event per group."""
    piece: list[Any] = []
    size = 0
    for event in events:
        size += len(json.dumps(event))
        if piece and (len(piece) == EVENTS_AT_ONCE or size > _BYTES_AT_ONCE):
            yield piece
            piece, size = [], len(json.dumps(event))
        piece.append(event)
    if piece:
        yield piece


def _failures(execution: Execution, content: str) -> dict[str, Failure]:
    """The rejections of the workflow, by event, or by label."""
    batch = (execution.output or {}).get("answer", {}).get("batch", {})
    bodies: list[Mapping[str, Any]] = [letter["body"] for letter in batch.get("rejected", [])]
    return {
        _identity(event): Failure(body["error"], body["cause"], judged=True)
        for body in bodies
        for event in body[content]
    }


def _ended_well(execution: Execution) -> bool:
    """Whether everything that the workflow did not reject is stored."""
    return execution.output is not None and "failure" not in execution.output


def _reason(execution: Execution) -> tuple[str, str]:
    """Error and cause of an execution that failed as a whole."""
    failure = (execution.output or {}).get("failure", {})
    return (
        execution.error or failure.get("Error", "NotStored"),
        execution.cause or failure.get("Cause", "the workflow succeeded, but the event is not in the table"),
    )


def _identity(event: Any) -> str:
    """Identifies an event within its batch, without the fields that the pipeline adds or removes."""
    if isinstance(event, dict) and (found := key(event)):
        return json.dumps(found)
    return json.dumps(event, sort_keys=True)
