"""One try: events of dead letters go through the workflow, and the table says whether they are stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nrti_cli.aws.items import Items, Key
from nrti_cli.aws.stepfunctions import Execution, Workflow
from nrti_cli.deadletters.letter import Letter, is_rescored, key

#: What one execution is given; an event grows on its way, and all of it has to fit into a state's 256 KiB.
EVENTS_AT_ONCE = 25
_BYTES_AT_ONCE = 100_000


@dataclass(frozen=True)
class Failure:
    """Why an event is not stored after all.

    Attributes:
        judged: the pipeline has rejected this very event; otherwise its whole execution failed.
    """

    error: str
    cause: str
    judged: bool


#: For each event of a letter, None once it is stored.
Outcome = Sequence[Failure | None]


class Attempt:
    """Sends the events of letters through the workflow.

    Args:
        workflow: the inference workflow; told that this is a redrive, it parks nothing.
        items: of the table that it stores in.
    """

    def __init__(self, workflow: Workflow, items: Items) -> None:
        self._workflow = workflow
        self._items = items

    def __call__(self, letters: Sequence[Letter]) -> list[Outcome]:
        """What became of each letter's events."""
        events = [event for letter in letters for event in letter.events]
        failures: list[Failure | None] = []
        for some in _pieces(events):
            failures += self._send(some)
        outcomes: list[Outcome] = []
        position = 0
        for letter in letters:
            outcomes.append(failures[position : position + len(letter.events)])
            position += len(letter.events)
        return outcomes

    def _send(self, events: Sequence[Any]) -> list[Failure | None]:
        execution = self._workflow.run(
            {"request_id": "redrive", "received_at": 0, "events": events, "redrive": True}
        )
        if execution.refused and len(events) > 1:
            # One event that is no JSON to Step Functions must not keep the others from being stored.
            half = len(events) // 2
            return self._send(events[:half]) + self._send(events[half:])
        stored = self._stored(events)
        failures = _failures(execution)
        default = Failure(*_reason(execution), judged=False)

        def outcome(event: Any) -> Failure | None:
            failure = failures.get(_identity(event))
            # The key of a rescored event's item ends in a version of the model, which is not known here.
            unseen = is_rescored(event) and failure is None and _ended_well(execution)
            return None if unseen or key(event) in stored else failure or default

        return list(map(outcome, events))

    def _stored(self, events: Sequence[Any]) -> set[Key]:
        return self._items.present([found for event in events if (found := key(event))])


def _pieces(events: Sequence[Any]) -> Iterator[list[Any]]:
    """The events in order, as many at once as one execution takes; at least one."""
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


def _failures(execution: Execution) -> dict[str, Failure]:
    """Why the workflow has rejected events, by their identity."""
    batch = (execution.output or {}).get("answer", {}).get("batch", {})
    bodies: list[Mapping[str, Any]] = [letter["body"] for letter in batch.get("rejected", [])]
    return {
        _identity(event): Failure(body["error"], body["cause"], judged=True)
        for body in bodies
        for event in body["events"]
    }


def _ended_well(execution: Execution) -> bool:
    """Whether all that the workflow did not reject is stored."""
    return execution.output is not None and "failure" not in execution.output


def _reason(execution: Execution) -> tuple[str, str]:
    """Why an execution stored nothing of what it did not reject either."""
    failure = (execution.output or {}).get("failure", {})
    return (
        execution.error or failure.get("Error", "NotStored"),
        execution.cause or failure.get("Cause", "the workflow ended, and the event is not in the table"),
    )


def _identity(event: Any) -> str:
    """What tells an event from others of its batch, whatever the pipeline added to it or took away."""
    if isinstance(event, dict) and (found := key(event)):
        return json.dumps(found)
    return json.dumps(event, sort_keys=True)
