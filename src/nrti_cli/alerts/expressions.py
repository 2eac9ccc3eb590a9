"""Parses the conditions of alert rules: `>5% in 10m`, `5m`, `<0.8 in 30d`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nrti_cli.durations import parse_duration
from nrti_cli.errors import UsageError
from nrti_cli.events import require_sensor
from nrti_cli.remote.alerts_function.rules import Rule, span

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_LIMIT = re.compile(
    r"(?P<sign>[<>])\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>%?)(?:\s+in\s+(?P<window>.+))?"
)
_RECALL_WINDOW = 7 * _DAY
#: The kinds without a value, and those to which a sensor or a model applies.
_FLAGS = {"dead-letters", "drift"}
_OF_SENSORS, _OF_MODELS = {"failure-rate", "silence", "recall"}, {"failure-rate", "recall", "drift"}
KINDS = ("failure-rate", "silence", "dead-letters", "recall", "drift")
DEFAULT_COOLDOWN = 900.0
#: The length of the digest at the end of an id.
_DIGEST = 6


def rule(
    kind: str,
    value: object,
    *,
    added_at: int,
    sensor: str | None = None,
    model: str | None = None,
    cooldown: float = DEFAULT_COOLDOWN,
) -> Rule:
    """The rule that a user described, without a webhook.

    Args:
        kind: one of `KINDS`.
        value: the condition as text; True for a kind without one.
        added_at: epoch milliseconds.
        sensor: None for all.
        model: None for all.
        cooldown: seconds.

    Raises:
        UsageError: a part is wrong; the text names its option.
    """
    _check_scope(kind, sensor, model)
    condition = _condition(kind, value)
    made = Rule("", kind, added_at, sensor=sensor, model=model, cooldown=cooldown, **condition)
    return replace(made, id=_id(made))


def _check_scope(kind: str, sensor: str | None, model: str | None) -> None:
    if sensor is not None and kind not in _OF_SENSORS:
        raise UsageError(f"--sensor does not apply to --{kind}", hint="leave it out")
    if model is not None and kind not in _OF_MODELS:
        raise UsageError(f"--model does not apply to --{kind}", hint="leave it out")
    if sensor is not None:
        try:
            require_sensor(sensor)
        except ValueError as error:
            raise UsageError(f"--sensor: {error}") from error


def _condition(kind: str, value: object) -> Mapping[str, Any]:
    if kind in _FLAGS:
        if value is not True:
            raise UsageError(f"--{kind} has no value", hint=f"in a file, write {kind} = true")
        return {}
    if not isinstance(value, str):
        raise UsageError(f"--{kind} needs a text, not {value!r}", hint="put it in quotes")
    if kind == "silence":
        return {"seconds": _span(kind, value, value, _MINUTE, 7 * _DAY)}
    if kind == "failure-rate":
        return _limit(kind, value, ">", "'>5% in 10m'", None)
    return _limit(kind, value, "<", "'<0.8' or '<80% in 30d'", _RECALL_WINDOW)


def _limit(kind: str, text: str, sign: str, example: str, window: float | None) -> Mapping[str, Any]:
    parts = _LIMIT.fullmatch(text.strip())
    if not parts or parts["sign"] != sign or not (parts["window"] or window):
        raise UsageError(f"--{kind} {text!r} is not a condition", hint=f"write it like {example}")
    threshold = float(parts["number"]) / (100 if parts["percent"] else 1)
    if not (0 <= threshold < 1 if sign == ">" else 0 < threshold <= 1):
        raise UsageError(f"--{kind} {text!r} is always or never true", hint="use a limit between 0 and 100%")
    if parts["window"]:
        shortest, longest = (_MINUTE, _DAY) if kind == "failure-rate" else (_HOUR, 90 * _DAY)
        window = _span(kind, text, parts["window"], shortest, longest)
    return {"threshold": threshold, "seconds": window}


def _span(kind: str, text: str, duration: str, shortest: float, longest: float) -> float:
    try:
        seconds = parse_duration(duration)
    except ValueError as error:
        raise UsageError(f"--{kind} {text!r}: {error}") from error
    if not shortest <= seconds <= longest:
        raise UsageError(
            f"--{kind} {text!r}: {duration.strip()} is not from {span(shortest)} to {span(longest)}",
            hint="failure rates and silence are evaluated every minute, recall every hour",
        )
    return seconds


def _id(made: Rule) -> str:
    """The kind and a digest of the condition: the same condition has the same id."""
    parts = [made.kind, made.threshold, made.seconds, made.sensor, made.model]
    return f"{made.kind}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_DIGEST]}"
