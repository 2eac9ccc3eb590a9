"""Adds and removes rules, with their secrets and their schedule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nrti_cli.alerts.book import RuleBook
from nrti_cli.alerts.webhook import host_of
from nrti_cli.aws.scheduler import schedule_every_minute, unschedule
from nrti_cli.aws.ssm import delete_secrets, put_secret
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.stack.names import alerts_name, arn, secrets_path
from nrti_cli.stack.outputs import require_stack

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.remote.alerts_function.rules import Rule

_SCHEDULE = "every-minute"


@dataclass(frozen=True)
class Added:
    """A rule that was added, and whether it replaced the same one."""

    rule: Rule
    was_known: bool


def alarm_email(target: Target) -> str:
    """The e-mail address of the stack's alarms, which alerts go to as well; empty without one.

    Raises:
        NrtiError: the stack does not exist.
    """
    parameters = require_stack(target).get("Parameters", [])
    named = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}
    return named.get("AlarmEmail", "")


def add(target: Target, rules: Sequence[Rule], address: str | None) -> list[Added]:
    """Adds rules. The same condition is the same rule: it keeps its state, and gets the new webhook.

    An interrupted command leaves an unused secret or schedule, but no rule without them.

    Args:
        target: the AWS and the stack.
        rules: without webhook.
        address: of the webhook of all of them; None for the one that a rule had before, or none.

    Raises:
        UsageError: a rule has neither a webhook nor the stack's e-mail.
        NrtiError: the stack does not exist, or is of a release without alerts.
    """
    book = RuleBook(target)
    known = {rule.id: rule for rule in book.rules()}
    rules = [_settled(target, rule, known.get(rule.id), address) for rule in rules]
    if not alarm_email(target) and not all(rule.parameter for rule in rules):
        raise UsageError(
            "the messages have nowhere to go: the stack has no alarm e-mail",
            hint="pass --webhook FILE, or run nrti bootstrap --alarm-email ADDRESS",
        )
    for rule in rules:
        if address and rule.parameter:
            put_secret(target, rule.parameter, address)
    _schedule(target)
    book.change(lambda present: _merged(present, rules))
    _schedule(target)  # again: another command may have removed the last rule meanwhile, and the schedule
    return [Added(rule, rule.id in known) for rule in rules]


def _schedule(target: Target) -> None:
    name = alerts_name(target.stack)
    role = f"role/{target.stack}-{target.region_name}-alert-schedule"
    schedule_every_minute(
        target,
        name,
        _SCHEDULE,
        function_arn=arn(target, "lambda", f"function:{name}"),
        role_arn=arn(target, "iam", role),
    )


def _settled(target: Target, rule: Rule, before: Rule | None, address: str | None) -> Rule:
    """The rule with its webhook; one that was known before keeps the time at which it was added."""
    if before:
        rule = replace(rule, added_at=before.added_at, host=before.host, parameter=before.parameter)
    if address:
        rule = replace(rule, host=host_of(address), parameter=f"{secrets_path(target.stack)}/{rule.id}")
    return rule


def _merged(present: list[Rule], rules: Sequence[Rule]) -> list[Rule]:
    new = {rule.id: rule for rule in rules}
    return [new.pop(rule.id, rule) for rule in present] + list(new.values())


def remove(target: Target, ids: Collection[str]) -> list[Rule]:
    """Removes rules; returns them. With the last rule the schedule goes, so that nothing runs in vain.

    Raises:
        NrtiError: one does not exist; then none is removed.
    """
    require_stack(target)
    book = RuleBook(target)
    gone = require(book.rules(), ids)
    left = book.change(lambda present: [rule for rule in present if rule.id not in ids])
    delete_secrets(target, [rule.parameter for rule in gone if rule.parameter])
    if not left:
        unschedule(target, alerts_name(target.stack), _SCHEDULE)
        if book.rules():  # another command has added one meanwhile
            _schedule(target)
    return gone


def require(rules: Sequence[Rule], ids: Collection[str]) -> list[Rule]:
    """The rules with these ids.

    Raises:
        NrtiError: one does not exist.
    """
    known = {rule.id: rule for rule in rules}
    if missing := [each for each in ids if each not in known]:
        raise NrtiError(f"alert rule {missing[0]!r} does not exist", hint="list them with nrti alert list")
    return [known[each] for each in ids]
