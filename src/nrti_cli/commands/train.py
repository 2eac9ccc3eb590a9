"""The command `nrti train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from nrti_cli.commands.options import addressed
from nrti_cli.console import note, out, progress
from nrti_cli.errors import ExitStatus, NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.sagemaker import TrainingJob
    from nrti_cli.aws.target import Target
    from nrti_cli.models.dataset import Dataset

_DEMO_ROWS = 50_000


@addressed
def train(
    target: "Target",
    name: Annotated[str, typer.Option(help="The model's name; events say it, and its endpoint bears it.")],
    data: Annotated[
        Optional[Path],  # noqa: UP045 (Typer evaluates it)
        typer.Option(
            help="A CSV or parquet file; the demo's data set is made if left out.", show_default=False
        ),
    ] = None,
    label: Annotated[
        str, typer.Option(help="The column of --data that is to be predicted: 0 or 1.")
    ] = "event",
    features: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The value columns of --data in order, as a,b,c; all but label, id, timestamp."),
    ] = None,
    rows: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            min=1, max=10_000_000, help=f"The rows of the demo's data set; {_DEMO_ROWS} if left out."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of the demo's data and the training.")] = 0,
    deploy: Annotated[
        bool, typer.Option("--deploy/--no-deploy", help="Publish the model when it is trained.")
    ] = True,
) -> None:
    """Train a model, show how good it is, and publish it.

    The data is a file of yours, or made by the demo's rule: three numbers, the middle one a spike.
    """
    from nrti_cli.models import training
    from nrti_cli.stack.names import endpoint_name
    from nrti_cli.stack.outputs import outputs

    endpoint_name(target.stack, name)
    _refuse_mixture(data, rows, features)
    role = outputs(target).sagemaker_role_arn
    dataset = _dataset(data, label, features, rows or _DEMO_ROWS, seed)
    with progress("uploading"):
        job_name = training.start(target, role, name, dataset, seed)
    job = _follow(target, name, job_name, f"{len(dataset.labels):,} rows, {dataset.events:,} of them events")
    _evaluate(target, job)
    if deploy:
        _publish(target, role, name, job)
    else:
        note(f"publish it with: nrti deploy-model --name {name} --job {job_name}")


def _refuse_mixture(data: Path | None, rows: int | None, features: str | None) -> None:
    if data and rows:
        raise UsageError("--rows is about the demo's data set", hint="leave it out together with --data")
    if features and not data:
        raise UsageError("--features is about a data file", hint="name the file with --data")


def _dataset(data: Path | None, label: str, features: str | None, rows: int, seed: int) -> "Dataset":
    from nrti_cli.models import dataset

    if data is None:
        return dataset.demo(rows, seed)
    from nrti_cli.models import datafile

    names = [name.strip() for name in features.split(",")] if features else None
    return dataset.from_table(datafile.read(data), str(data), label, names)


def _follow(target: "Target", name: str, job_name: str, about: str) -> "TrainingJob":
    """Shows the job until it is done; an interruption ends the showing alone."""
    from nrti_cli.models import training

    try:
        note(f"training job {job_name}: {about}")
        with progress(f"{job_name}: starting") as shown:
            return training.follow(target, job_name, shown)
    except KeyboardInterrupt:
        raise NrtiError(
            f"interrupted, but training job {job_name} goes on",
            hint=f"when it is done, nrti deploy-model --name {name} --job {job_name} publishes it",
            exit_status=ExitStatus.INTERRUPTED,
        ) from None


def _evaluate(target: "Target", job: "TrainingJob") -> None:
    from nrti_cli.models import evaluation

    out().print(evaluation.render(evaluation.read(target, job)))


def _publish(target: "Target", role: str, name: str, job: "TrainingJob") -> None:
    from nrti_cli.commands.deploy_model import put_in_service
    from nrti_cli.models import source

    put_in_service(target, role, name, source.of_job(target, job))
