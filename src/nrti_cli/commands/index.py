"""The list of commands: help shows them without importing any, and a command imports only itself."""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

#: In the order of the help, each with the first line of its own help text.
COMMANDS = {
    "demo": "Take the guided tour on the embedded AWS, step by step.",
    "bootstrap": "Create the pipeline, update it, or repair it.",
    "train": "Train a model, evaluate it, and publish it.",
    "deploy-model": "Publish a model, or roll an endpoint forward or back.",
    "models": "List, compare, promote, roll back or delete models.",
    "connect": "Show how to call the API.",
    "predict": "Send one event and show its prediction.",
    "produce": "Send events to the API on an open-loop schedule.",
    "tail": "Follow the predictions as DynamoDB stores them.",
    "dashboard": "Show a live page of events, failures, latency and stages.",
    "label": "Record ground truth: labels for predictions.",
    "query": "Query the lake in Athena's SQL.",
    "quality": "Compare the predictions in the lake with their labels.",
    "drift": "Detect drift: compare recent events with the training data.",
    "status": "Show the state of every stage of the pipeline.",
    "logs": "Show and follow the logs of the pipeline.",
    "redrive": "Send dead letters through the pipeline again, or drop them.",
    "alert": "Send an e-mail or call a webhook when a condition holds.",
    "verify": "Check that no accepted event is lost or duplicated.",
    "forget": "Delete a sensor's data from table, lake and dead letters.",
    "estimate": "Estimate the monthly cost of the pipeline on AWS.",
    "teardown": "Delete the stack and everything in it, including data.",
    "doctor": "Check this machine and the account for what nrti needs.",
    "local": "Start, stop and inspect the embedded AWS on this machine.",
}


class Index(TyperGroup):
    """A group whose commands are imported only when they are run."""

    def __init__(self, **attributes: Any) -> None:
        lines = {name: TyperCommand(name, help=line) for name, line in COMMANDS.items()}
        super().__init__(**{**attributes, "commands": lines})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Imports the command that the arguments name."""
        name, _, rest = super().resolve_command(ctx, args)
        command = load(name) if name else None
        if command and not ctx.resilient_parsing:
            _require_values(command, rest)
        return name, command, rest


def _require_values(command: TyperCommand | TyperGroup, args: list[str]) -> None:
    """Refuses an option where the value of another one belongs: it would be taken for that value.

    Raises:
        UsageError: as in `--drop --yes`, which would write a file of that name.
    """
    if isinstance(command, TyperGroup):
        command, args = command.commands.get(args[0] if args else "", command), args[1:]  # type: ignore[assignment]
    options = {name: each for each in command.params for name in each.opts if name.startswith("-")}
    for name, value in pairwise(takewhile(lambda arg: arg != "--", args)):
        if value in options and name in options and not getattr(options[name], "is_flag", True):
            raise UsageError(f"{name} needs a value, and the option {value} follows", hint="add the value")


def load(name: str) -> TyperCommand | TyperGroup:
    """Imports a command: the module's `app` if it is a group, else its function of the same name."""
    module = import_module(f"nrti_cli.commands.{name.replace('-', '_')}")
    command = get_command(getattr(module, "app", None) or _alone(name, module))
    command.name = name
    return command  # type: ignore[return-value]  # Typer declares less than it returns


def group(name: str, **settings: Any) -> typer.Typer:
    """Makes the app of a command that has subcommands, or settings of its own.

    Args:
        name: of the command in `COMMANDS`.
        settings: other settings of the app.
    """
    return typer.Typer(
        help=COMMANDS[name],
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help takes half the time
        **settings,
    )


def _alone(name: str, module: ModuleType) -> typer.Typer:
    app = group(name)
    app.command(name)(getattr(module, module.__name__.rpartition(".")[2]))
    return app
