"""The history of an EXPRESS execution, as far as Step Functions logs it at the level of the state machine."""

from __future__ import annotations

import json
import time
from typing import Any

from nrti_local.stepfunctions.asl.limits import serialize
from nrti_local.stepfunctions.machines import Machine

#: Details that are logged only with includeExecutionData.
_DATA = {"input", "output", "parameters"}
#: CloudWatch Logs gets no more of an input or output, in bytes with escaped quotation marks.
_MOST_BYTES = 248 * 1024
#: The ends of the names of the events that are logged, by level; at `ALL`, all are.
_LOGGED = {
    "ERROR": ("Failed", "TimedOut", "Aborted", "FailStateEntered"),
    "FATAL": ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"),
}


class History:
    """Numbers all events of an execution, and keeps those that are logged.

    Args:
        machine: what it runs.
        execution: its ARN.

    Attributes:
        lines: of the log.
        last: the number of the latest event.
    """

    def __init__(self, machine: Machine, execution: str) -> None:
        configuration = machine.description.get("loggingConfiguration") or {}
        level = configuration.get("level", "OFF")
        self._logs_all, self._logged = level == "ALL", _LOGGED.get(level, ())
        self._with_data = bool(configuration.get("includeExecutionData"))
        self._execution = execution
        self.lines: list[str] = []
        self.last = 0

    @property
    def is_wanted(self) -> bool:
        """Whether anything of it may be logged."""
        return self._logs_all or bool(self._logged)

    def add(self, kind: str, previous: int, details: dict[str, Any]) -> int:
        """Adds an event.

        Args:
            kind: such as `TaskFailed`.
            previous: the number of the event before it in its branch.
            details: of the event. `input`, `output` and `parameters` are data.

        Returns:
            Its number.
        """
        self.last += 1
        if self._logs_all or kind.endswith(self._logged):
            entry = {
                "id": str(self.last),
                "type": kind,
                "details": self._shown(details),
                "previous_event_id": str(previous),
                "event_timestamp": str(int(time.time() * 1000)),
                "execution_arn": self._execution,
                "redrive_count": "0",
            }
            self.lines.append(json.dumps(entry, separators=(",", ":")))
        return self.last

    def _shown(self, details: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in details.items():
            if name not in _DATA:
                shown[name] = value
            elif self._with_data:
                text, truncated = _cut(value if isinstance(value, str) else serialize(value))
                shown[name] = text
                if name != "parameters":
                    shown[f"{name}Details"] = {"truncated": truncated}
        return shown


def _cut(text: str) -> tuple[str, bool]:
    """A text without what is too much for the log, and whether there was something."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    if len(escaped) <= _MOST_BYTES:
        return text, False
    rest = escaped[:_MOST_BYTES].decode("utf-8", "ignore")
    while True:  # a cut may leave the first half of an escape
        try:
            return json.loads(f'"{rest}"'), True
        except ValueError:
            rest = rest[:-1]
