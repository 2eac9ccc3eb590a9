"""The commands `nrti alert …`: rules, their state, and a test of where their messages go."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.index import group
from nrti_cli.commands.options.common import addressed, sensors, span
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import note
from nrti_cli.errors import ExitStatus, NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.alerts.registration import Added
    from nrti_cli.aws.target import Target
    from nrti_cli.remote.alerts_function.rules import Rule

app = group("alert", no_args_is_help=True)


@app.command("add")
@addressed
def add_rules(
    target: "Target",
    failure_rate: Annotated[
        str | None,
        typer.Option(metavar="CONDITION", help="Share of failures, such as '>5% in 10m'; every minute."),
    ] = None,
    silence: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="No event for this long, such as 5m; every minute."),
    ] = None,
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="Events in dead letters or kept in S3; every minute.")
    ] = False,
    recall: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="Recall by labels, such as '<0.8' or '<0.8 in 30d' (default: 7d); every hour.",
        ),
    ] = None,
    drift: Annotated[
        bool,
        typer.Option("--drift", help="Drift of inputs or predictions in the last 24h; every hour."),
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="FILE", help="Rules in TOML, instead of the options above."),
    ] = None,
    sensor: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.sensors, callback=sensors, help="Only events of this sensor; default: all."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(autocompletion=offers.models, help="Only predictions of this model; default: all."),
    ] = None,
    cooldown: Annotated[
        float | None, span("Time after an alert before the same rule can send another; default: 15m.")
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="File with the address of a webhook; - reads stdin, or asks on a terminal.",
        ),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Add rules, one for each condition.

    A message is sent when an alert begins, and one when it is over: to the stack's alarm e-mail (nrti
    bootstrap --alarm-email), if it has one, and to the webhook, as JSON for Slack or Microsoft Teams. The
    address of the webhook is a secret; nothing shows more than its host.

    Adding a rule again does not duplicate it, but can change its webhook or cooldown.
    The rules are evaluated at once, and then as often as their options say.
    Without --sensor, --failure-rate counts all sensors together, and --silence watches each of them.
    The ids of the rules are printed on stdout.
    """
    from nrti_cli.alerts.registration import add
    from nrti_cli.alerts.webhook import read_address
    from nrti_cli.aws.addresses import is_loopback
    from nrti_cli.stack.outputs import require_stack

    conditions: dict[str, object] = {
        "failure-rate": failure_rate,
        "silence": silence,
        "dead-letters": dead_letters or None,
        "recall": recall,
        "drift": drift or None,
    }
    given = {kind: value for kind, value in conditions.items() if value is not None}
    rules = _rules(given, file, sensor, model, cooldown)
    require_stack(target)
    local = target.name == "local" or any(map(is_loopback, target.addresses.values()))
    address = read_address(webhook, local=local) if webhook else None
    _warn(target, rules)
    added = add(target, rules, address)
    _report(target, added, format_)


def _rules(
    given: dict[str, object],
    file: Path | None,
    sensor: str | None,
    model: str | None,
    cooldown: float | None,
) -> "list[Rule]":
    from nrti_cli.alerts.expressions import DEFAULT_COOLDOWN, KINDS, rule
    from nrti_cli.alerts.rule_file import read_rules

    now = time.time_ns() // 1_000_000
    if file:
        if given or sensor or model or cooldown:
            raise UsageError("--file has whole rules", hint="write sensor, model and cooldown into the file")
        return read_rules(file, now)
    if not given:
        options = ", ".join(f"--{kind}" for kind in KINDS)
        raise UsageError("no condition was given", hint=f"use one of {options}, or --file")
    return [
        rule(
            kind,
            value,
            added_at=now,
            sensor=sensor,
            model=model,
            cooldown=DEFAULT_COOLDOWN if cooldown is None else cooldown,
        )
        for kind, value in given.items()
    ]


def _warn(target: "Target", rules: "list[Rule]") -> None:
    """Reports sensors and models that do not exist, which may be a typing mistake: they may also be new."""
    from rich.markup import escape

    from nrti_cli.alerts.unknown import unknown

    for name in unknown(target, rules):
        note(f"[yellow]{escape(name)} does not exist yet[/yellow]; the rule is added anyway")


def _report(target: "Target", added: "list[Added]", format_: str) -> None:
    from rich.markup import escape

    from nrti_cli.alerts.trying import evaluate, probe
    from nrti_cli.commands.output.alert import described

    if format_ == "json":
        print_json([described(each.rule) | {"was_known": each.was_known} for each in added])
    for each in added:
        if format_ != "json":
            print(each.rule.id)
        verb = "kept" if each.was_known else "[green]added[/green]"
        note(f"{verb}: {escape(f'{each.rule.condition}, {each.rule.subject}')}")
    with_webhook = [each.rule for each in added if each.rule.parameter]
    if with_webhook and (problem := probe(target, with_webhook[0])):
        host = with_webhook[0].host
        note(f"[yellow]the webhook at {host} is {problem}[/yellow]; nrti alert test sends a message")
    if problem := evaluate(target):
        note(f"[yellow]the rules cannot be evaluated yet[/yellow]: {escape(problem)}")


@app.command("list")
@addressed
def list_rules(target: "Target", format_: FormatOption = "table") -> None:
    """List the rules with their state.

    The list has the current value of each rule, the start of an active alert, and the result of the last
    message.
    """
    from nrti_cli.alerts.report import alerts
    from nrti_cli.commands.output.alert import record, show
    from nrti_cli.stack.outputs import require_stack

    require_stack(target)
    found = alerts(target)
    if format_ == "json":
        print_json([record(alert) for alert in found])
    elif found:
        show(found)
    else:
        note("no alert rule: nrti alert add makes one")


@app.command("test")
@addressed
def try_rules(
    target: "Target",
    rules: Annotated[list[str] | None, typer.Argument(help="Ids of rules; default: all.")] = None,
    format_: FormatOption = "table",
) -> None:
    """Send a test message to where alerts go, and show the answers.

    The stack's own function sends it. The exit code is 1 if a message was not accepted.
    """
    from nrti_cli.alerts.trying import try_out
    from nrti_cli.commands.output.alert import show_trials

    trials = try_out(target, rules or None)
    if format_ == "json":
        print_json(trials)
    elif trials:
        show_trials(trials)
    else:
        raise NrtiError("there is no alert rule", hint="make one with nrti alert add")
    if not all(trial["delivered"] for trial in trials):
        raise typer.Exit(ExitStatus.FAILED)


@app.command("remove")
@addressed
def remove_rules(
    target: "Target",
    rules: Annotated[list[str], typer.Argument(help="Ids of rules, as nrti alert list shows them.")],
) -> None:
    """Remove rules; their active alerts end without a message."""
    from rich.markup import escape

    from nrti_cli.alerts.registration import remove

    for rule in remove(target, rules):
        note(f"[green]removed[/green]: {escape(f'{rule.condition}, {rule.subject}')}")
