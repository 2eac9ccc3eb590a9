"""The command `nrti deploy-model`."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from nrti_cli.commands.options import addressed
from nrti_cli.console import note, progress
from nrti_cli.errors import ExitStatus, NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.source import Source


@addressed
def deploy_model(
    target: "Target",
    name: Annotated[str, typer.Option(help="The model's name; events say it, and its endpoint bears it.")],
    job: Annotated[
        Optional[str],  # noqa: UP045 (Typer evaluates it)
        typer.Option(help="A completed training job; the model's newest if left out."),
    ] = None,
    artifact: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A model.tar.gz instead of a job: a local file, or s3://bucket/key."),
    ] = None,
) -> None:
    """Publish an artifact, or roll an endpoint forward or back."""
    from nrti_cli.stack.names import endpoint_name
    from nrti_cli.stack.outputs import outputs

    endpoint_name(target.stack, name)
    if job and artifact:
        raise UsageError("--job and --artifact exclude each other", hint="name one of them")
    role = outputs(target).sagemaker_role_arn
    put_in_service(target, role, name, _source(target, name, job, artifact))


def _source(target: "Target", name: str, job: str | None, artifact: str | None) -> "Source":
    from nrti_cli.models import source

    if artifact:
        return source.from_artifact(target, artifact)
    return source.from_job(target, job) if job else source.from_newest_job(target, name)


def put_in_service(target: "Target", role: str, name: str, source: "Source") -> None:
    """Publishes a model and tells about it; an interruption leaves SageMaker at work."""
    from nrti_cli.models.publishing import publish
    from nrti_cli.stack.names import endpoint_name

    endpoint = endpoint_name(target.stack, name)
    try:
        with progress(f"endpoint {endpoint}: preparing") as shown:
            changed = publish(target, role, name, source, shown)
    except KeyboardInterrupt:
        raise NrtiError(
            f"interrupted, but SageMaker may go on with endpoint {endpoint}",
            hint="nrti models shows its status",
            exit_status=ExitStatus.INTERRUPTED,
        ) from None
    if changed:
        note(f"endpoint [bold]{endpoint}[/bold] serves {source.origin}")
    else:
        note(f"nothing to do: endpoint {endpoint} serves {source.origin} already")
