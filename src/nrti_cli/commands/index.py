"""The commands by name: help lists them without importing any, and running one imports that one alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from types import ModuleType

#: In the order of the help, each with the first line of its own help; `deploy-model` is `deploy_model.py`.
COMMANDS = {
    "demo": "Take the guided tour on the embedded AWS, step by step.",
    "bootstrap": "Create the pipeline, bring it up to date, or repair it.",
    "train": "Train a model, show how good it is, and publish it.",
    "deploy-model": "Publish a model, or roll an endpoint forward or back.",
    "models": "List the published models, compare two, or delete one.",
    "connect": "Show how a program reaches the API.",
    "predict": "Send one event, and show its prediction.",
    "produce": "Send events to the API on an open-loop schedule.",
    "tail": "Follow the predictions as DynamoDB stores them.",
    "query": "Ask the lake a question in Athena's SQL.",
    "status": "Show how every stage of the pipeline is doing.",
    "logs": "Show what the parts of the pipeline log, and follow it.",
    "redrive": "Send dead letters through the pipeline again, or drop them.",
    "verify": "Check that no accepted event is lost or double.",
    "estimate": "Estimate what the pipeline costs a month on AWS.",
    "teardown": "Delete everything that has the stack's name, data included.",
    "doctor": "Check what nrti needs of this machine and the account.",
    "local": "Start, stop and look at the embedded AWS on this machine.",
}


class Index(TyperGroup):
    """A group whose members are lines of help until one of them is wanted."""

    def __init__(self, **attributes: Any) -> None:
        lines = {name: TyperCommand(name, help=line) for name, line in COMMANDS.items()}
        super().__init__(**{**attributes, "commands": lines})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, and the arguments left for it."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else None, rest


def load(name: str) -> TyperCommand | TyperGroup:
    """Imports a command: the module's `app` if it is a group, else the function of its name."""
    module = import_module(f"nrti_cli.commands.{name.replace('-', '_')}")
    command = get_command(getattr(module, "app", None) or _alone(name, module))
    command.name = name
    return command  # type: ignore[return-value]  # Typer declares less than it returns


def _alone(name: str, module: ModuleType) -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(name)(getattr(module, module.__name__.rpartition(".")[2]))
    return app
