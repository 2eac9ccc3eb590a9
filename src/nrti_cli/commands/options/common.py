"""The options that all commands which call AWS have in common, as a decorator.

A parameter of a command may be a dataclass of options, which several commands share: Typer gets its fields.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Literal, ParamSpec

import typer
from typer.models import OptionInfo

from nrti_cli.completion import offers
from nrti_cli.console import print_dimmed
from nrti_cli.durations import parse_duration, parse_moment
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

P = ParamSpec("P")

#: Set in the environment of the steps of `nrti demo`, which need not print their target each time.
ON_TOUR = "NRTI_ON_TOUR"


def span(about: str) -> Any:
    """An option for a duration such as 1h30m, in seconds."""
    return _parsed(parse_duration, about)


def moment(about: str, *names: str) -> Any:
    """An option for a time such as 10m (ago) or 2026-11-22T15:37, as a datetime in UTC.

    Args:
        about: its help text.
        names: of the option, if it is not the parameter's.
    """
    about = f"{about} Such as 10m (ago) or 2026-11-22T15:37."
    return _parsed(lambda text: parse_moment(text, datetime.now(UTC)), about, *names)


def _parsed(parse: Callable[[str], Any], about: str, *names: str) -> Any:
    def parsed(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return typer.Option(*names, parser=parsed, metavar="TIME", help=about)


def sensors(names: Any) -> Any:
    """Validates sensor names before anything is sent or read; a callback for an option."""
    from nrti_cli.events import require_sensor

    for name in [names] if isinstance(names, str) else names or ():
        try:
            require_sensor(name)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    return names


TargetOption = Annotated[
    Literal["local", "aws"] | None,
    typer.Option(
        "--target",
        envvar="NRTI_TARGET",
        help="The embedded AWS or an AWS account; default: the last one used.",
    ),
]
StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="NRTI_STACK",
        autocompletion=offers.stacks,
        help="The stack's name; default: the last one used, or nrti.",
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", autocompletion=offers.regions, help="The AWS region; default: as configured."),
]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", autocompletion=offers.profiles, help="A profile of the AWS configuration."),
]
#: `bootstrap --alarm-email ''` disables the alarms' e-mail.
_MAY_BE_EMPTY = {"alarm_email"}
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show a line for each resource.")]
_OPTIONS: dict[str, Any] = {
    "target": TargetOption,
    "stack": StackOption,
    "region": RegionOption,
    "profile": ProfileOption,
}


def addressed(command: Callable[Concatenate[Target, P], None]) -> Callable[..., None]:
    """Adds the options of a target to a command, which receives the `Target` as its first argument.

    The target and the stack are printed on stderr before the command runs.
    """
    return _with_target(command, None)


def addressed_by(
    start: Callable[[], str],
) -> Callable[[Callable[Concatenate[Target, P], None]], Callable[..., None]]:
    """As `addressed`, for a command that can start the embedded AWS itself.

    Args:
        start: starts the embedded AWS unless it is running, and returns its address; called for `local` only.
    """
    return lambda command: _with_target(command, start)


def _with_target(
    command: Callable[Concatenate[Target, P], None], start: Callable[[], str] | None
) -> Callable[..., None]:
    given, groups = _texts(command), _groups(command)

    @wraps(command)
    def with_target(**arguments: Any) -> None:
        from nrti_cli.aws.addressing import resolve
        from nrti_cli.stack.names import require_stack_name

        chosen = {name: arguments.pop(name) for name in _OPTIONS}
        _refuse_empty({**chosen, **{name: arguments[name] for name in given}})
        if chosen["stack"]:
            require_stack_name(chosen["stack"])
        target = resolve(chosen["target"], chosen["stack"], chosen["region"], chosen["profile"], start=start)
        if ON_TOUR not in os.environ:
            print_dimmed(str(target))
        for name, group in groups.items():
            arguments[name] = group(**{each.name: arguments.pop(each.name) for each in fields(group)})
        command(target, **arguments)  # type: ignore[call-arg]

    return _expose(with_target, command)


def _own(command: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters of a command after its target."""
    return list(inspect.signature(command, eval_str=False).parameters.values())[1:]


def _groups(command: Callable[..., Any]) -> dict[str, Any]:
    """The dataclasses of options among the parameters of a command, by the parameters' names."""
    return {each.name: each.annotation for each in _own(command) if is_dataclass(each.annotation)}


def _exposed(command: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters of a command for Typer: those of a dataclass in place of it."""
    found: list[inspect.Parameter] = []
    for each in _own(command):
        grouped = is_dataclass(each.annotation)
        found += inspect.signature(each.annotation).parameters.values() if grouped else [each]
    return found


def _texts(command: Callable[..., Any]) -> list[str]:
    """The parameters of a command that are options, except those for which an empty text is valid."""
    return [each.name for each in _exposed(command) if _is_option(each) and each.name not in _MAY_BE_EMPTY]


def _is_option(parameter: inspect.Parameter) -> bool:
    return any(isinstance(each, OptionInfo) for each in getattr(parameter.annotation, "__metadata__", ()))


def _refuse_empty(options: dict[str, Any]) -> None:
    """Refuses empty texts, which come from unset shell variables; the default is not what the user meant."""
    for name, value in options.items():
        if value == "" or (isinstance(value, list) and "" in value):
            option = f"--{name.strip('_').replace('_', '-')}"
            raise UsageError(f"{option} is empty", hint="give it a value, or leave it out")


def _expose(wrapper: Callable[..., None], command: Callable[..., Any]) -> Callable[..., None]:
    """Gives Typer the command's own parameters, without the target, and the shared options."""
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    own = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in _exposed(command)]
    wrapper.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    annotations = {parameter.name: parameter.annotation for parameter in [*own, *shared]}
    wrapper.__annotations__ = {**annotations, "return": None}
    del wrapper.__wrapped__  # type: ignore[attr-defined]
    return wrapper
