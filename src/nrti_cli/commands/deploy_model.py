"""The command `nrti deploy-model`."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from nrti_cli.commands.formats import FormatOption, print_json
from nrti_cli.commands.options import addressed
from nrti_cli.completion import offers
from nrti_cli.console import note, progress
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.source import Source

_STEP_MB = 1024


def _memory(megabytes: int | None) -> int | None:
    if megabytes is not None and megabytes % _STEP_MB:
        raise typer.BadParameter(f"{megabytes} is not a multiple of {_STEP_MB}")
    return megabytes


MemoryOption = Annotated[
    Optional[int],  # noqa: UP045 (Typer evaluates it)
    typer.Option(
        min=_STEP_MB,
        max=6 * _STEP_MB,
        callback=_memory,
        help="MB of the endpoint, in steps of 1024; as it has, at first 2048.",
    ),
]
ConcurrencyOption = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(min=1, max=200, help="Requests that the endpoint answers at once; as it has, at first 5."),
]
KeepOption = Annotated[
    int, typer.Option(min=1, max=1_000, help="How many configurations of the endpoint stay, to go back to.")
]


@addressed
def deploy_model(
    target: "Target",
    name: Annotated[
        str,
        typer.Option(
            autocompletion=offers.models,
            help="The model's name; events say it, and its endpoint bears it.",
        ),
    ],
    job: Annotated[
        Optional[str],  # noqa: UP045 (Typer evaluates it)
        typer.Option(
            autocompletion=offers.jobs,
            help="A completed training job of this model; its newest if left out.",
        ),
    ] = None,
    artifact: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A model.tar.gz instead of a job: a local file, or s3://bucket/key."),
    ] = None,
    memory: MemoryOption = None,
    concurrency: ConcurrencyOption = None,
    keep: KeepOption = 5,
    format_: FormatOption = "table",
) -> None:
    """Publish an artifact, or roll an endpoint forward or back.

    What another model's job left is published by --artifact alone, so that it does not happen by mistake.
    """
    from nrti_cli.stack.names import endpoint_name
    from nrti_cli.stack.outputs import outputs

    endpoint_name(target.stack, name)
    if job and artifact:
        raise UsageError("--job and --artifact exclude each other", hint="name one of them")
    role = outputs(target).sagemaker_role_arn
    source = _source(target, name, job, artifact)
    done = put_in_service(target, role, name, source, memory=memory, concurrency=concurrency, keep=keep)
    if format_ == "json":
        print_json(done)


def _source(target: "Target", name: str, job: str | None, artifact: str | None) -> "Source":
    from nrti_cli.models import source

    if artifact:
        return source.from_artifact(target, artifact)
    return source.from_job(target, name, job) if job else source.from_newest_job(target, name)


def put_in_service(
    target: "Target",
    role: str,
    name: str,
    source: "Source",
    *,
    memory: int | None,
    concurrency: int | None,
    keep: int,
) -> dict[str, object]:
    """Publishes a model, says so, and returns it as a record."""
    from nrti_cli.models.publication import Settings
    from nrti_cli.models.publishing import publish
    from nrti_cli.stack.names import endpoint_name

    endpoint = endpoint_name(target.stack, name)
    with progress(f"endpoint {endpoint}: preparing") as shown:
        changed = publish(target, role, name, source, Settings(memory, concurrency, keep), shown)
    if changed:
        note(f"endpoint [bold]{endpoint}[/bold] serves {source.origin}")
    else:
        note(f"nothing to do: endpoint {endpoint} serves {source.origin} already")
    return {"endpoint": endpoint, "source": source.origin, "changed": changed}
