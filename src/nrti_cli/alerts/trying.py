"""Asks the stack's function to send test messages, and to connect to a webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nrti_cli.alerts.book import RuleBook
from nrti_cli.alerts.registration import require
from nrti_cli.aws.functions import FunctionError, call
from nrti_cli.errors import NrtiError
from nrti_cli.stack.names import alerts_name
from nrti_cli.stack.outputs import require_stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.remote.alerts_function.rules import Rule


def try_out(target: Target, ids: Sequence[str] | None) -> list[dict[str, Any]]:
    """Sends a test message by each channel of rules; returns what came of each.

    Args:
        target: the AWS and the stack.
        ids: of the rules; None for all.

    Raises:
        NrtiError: a rule does not exist, or the function failed.
    """
    require_stack(target)
    if ids is not None:
        require(RuleBook(target).rules(), ids)
    results: list[dict[str, Any]] = _call(target, {"test": ids})["results"]
    return results


def probe(target: Target, rule: Rule) -> str:
    """Why the webhook of a rule cannot be reached; empty if it can.

    Raises:
        NrtiError: the function failed.
    """
    answer = _call(target, {"probe": rule.id})
    return "" if answer["reachable"] else str(answer["answer"])


def evaluate(target: Target) -> str:
    """Has the rules evaluated now, before the schedule does; returns the problems, empty without any."""
    try:
        problems: dict[str, str] = _call(target, {}).get("problems", {})
    except NrtiError as error:
        return str(error)
    return "; ".join(dict.fromkeys(problems.values()))


def _call(target: Target, payload: Mapping[str, Any]) -> Any:
    try:
        return call(target, alerts_name(target.stack), payload)
    except FunctionError as error:
        raise NrtiError(
            f"the function for alerts failed: {error}", hint="nrti logs alerts shows why"
        ) from error
