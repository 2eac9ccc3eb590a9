"""The commands of shadows: `nrti models promote` and `end-shadow`, and the part of `nrti deploy-model`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import note, progress
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

ShadowArgument = Annotated[
    str, typer.Argument(autocompletion=offers.models, help="The model that is a shadow.")
]


def shadow_name(target: "Target", name: str | None, shadow_of: str | None) -> str:
    """The name of the model to be published, of which the default is that of a shadow.

    Raises:
        UsageError: there is none, or it is that of the model to be shadowed.
        NrtiError: the model to be shadowed is not in service.
    """
    if shadow_of is None:
        if name is None:
            raise UsageError("--name is missing", hint="name the model, or use --shadow-of MODEL")
        return name
    from nrti_cli.models.shadows import Shadows
    from nrti_cli.stack.outputs import require_stack

    require_stack(target)
    name = name or f"{shadow_of}-shadow"
    Shadows(target).require(shadow_of, name)
    return name


def published_already(target: "Target", name: str) -> dict[str, object]:
    """The record of a model whose endpoint exists; empty if it does not."""
    from nrti_cli.aws.sagemaker.endpoints import SageMaker
    from nrti_cli.models.endpoint import find
    from nrti_cli.stack.names import endpoint_name

    if SageMaker(target).endpoint(endpoint_name(target.stack, name)) is None:
        return {}
    model = find(target, name)
    return {"endpoint": model.endpoint, "source": model.source, "changed": False}


def begin_shadow(target: "Target", model: str, shadow: str) -> dict[str, object]:
    """Makes a published model the shadow of another and reports it; returns that as a record."""
    from nrti_cli.models.shadows import NOTICED_SECONDS, Shadows

    former = Shadows(target).begin(model, shadow)
    if former:
        note(f"{former} is no longer the shadow of {model}")
    note(f"[bold]{shadow}[/bold] scores the events of {model} as well, within {NOTICED_SECONDS} seconds")
    note(f"nrti models compare {model} {shadow} compares the two")
    return {"shadow_of": model, "former_shadow": former or None}


@addressed
def promote(
    target: "Target",
    name: ShadowArgument,
    keep: Annotated[
        int, typer.Option(min=1, max=1_000, help="How many endpoint configurations to keep for a rollback.")
    ] = 5,
    format_: FormatOption = "table",
) -> None:
    """Promote a shadow: it replaces the model that it shadows.

    Its artifact becomes a new version of that model, so events keep the model's name. The shadow ends; its
    own endpoint and its predictions are kept.
    """
    from dataclasses import asdict

    from nrti_cli.models.publication.promotion import promote as put_in_place
    from nrti_cli.stack.outputs import outputs

    with progress(f"promoting {name}") as shown:
        done = put_in_place(target, outputs(target), name, keep, shown)
    if done.changed:
        note(
            f"[bold]{done.model}[/bold] serves what {done.shadow} serves, "
            f"and {done.shadow} is no longer its shadow"
        )
    else:
        note(f"{done.model} served the same already; {done.shadow} is no longer its shadow")
    note(f"to delete its endpoint: nrti models delete {done.shadow}")
    if format_ == "json":
        print_json(asdict(done))


@addressed
def end_shadow(target: "Target", name: ShadowArgument, format_: FormatOption = "table") -> None:
    """End a shadow without promoting it.

    Its endpoint and its predictions are kept.
    """
    from nrti_cli.models.shadows import NOTICED_SECONDS, Shadows
    from nrti_cli.stack.outputs import require_stack

    require_stack(target)
    shadows = Shadows(target)
    model = shadows.shadowed_by(name)
    shadows.end(model)
    note(f"{name} is no longer the shadow of {model}, within {NOTICED_SECONDS} seconds")
    if format_ == "json":
        print_json({"model": model, "shadow": name})
