"""The parts of `nrti train --script` that differ from `nrti train`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.commands.deploy_model import put_in_service
from nrti_cli.commands.options.formats import Format, print_json
from nrti_cli.commands.options.training import ScriptOptions
from nrti_cli.console import note, progress
from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.sagemaker.training_jobs import TrainingJob
    from nrti_cli.aws.target import Target
    from nrti_cli.commands.train_gate import AfterTraining
    from nrti_cli.stack.outputs import Outputs


def refuse_without_script(script: str | None, **options: object) -> None:
    """Refuses options that apply to a script if there is none.

    Raises:
        UsageError: one was given.
    """
    for name, value in options.items():
        if value and not script:
            raise UsageError(f"--{name.replace('_', '-')} applies to a script", hint="name it with --script")


def refuse_beside_script(**options: object) -> None:
    """Refuses options that apply to nrti's own training.

    Raises:
        UsageError: one was given.
    """
    for name, value in options.items():
        if value is not None and value is not False:
            about = f"--{name.replace('_', '-')} applies to nrti's own training"
            raise UsageError(about, hint="leave it out, the script reads the data itself")


def start_script(
    target: Target,
    stack: Outputs,
    model: str,
    script: str,
    own: ScriptOptions,
    data: str | None,
    machine: str,
) -> str:
    """Starts the training job of a script; returns its name."""
    from nrti_cli.models.training import script_mode

    if not data:
        raise UsageError("the script has no data", hint="name a file with --data")
    code = script_mode.code(script, own.source_dir, own.hyperparameter or (), own.metric or ())
    with progress("uploading") as shown:
        return script_mode.start(
            target,
            stack.sagemaker_role_arn,
            model,
            code,
            data,
            instance=machine,
            on_share=shown.advance,
        )


def finish_script(
    target: Target,
    stack: Outputs,
    model: str,
    job: TrainingJob,
    wanted: AfterTraining,
    sample: str | None,
    format_: Format,
) -> None:
    """Prints the metrics of a script's job, and publishes its model if requested."""
    from nrti_cli.models.publication import source

    if wanted.if_better:
        raise NrtiError(
            "not published: the model of a script could not be compared, nrti does not evaluate it",
            hint=f"{source.deploying(model, job.name)} publishes it",
        )
    if format_ == "table":
        for name, value in job.metrics.items():
            print(f"{name} {value:.4f}")
    published = None
    if not wanted.deploy:
        note(f"publish it with:\n  {source.deploying(model, job.name)}")
    else:
        found = source.of_job(target, job)
        published = put_in_service(target, stack, model, found, wanted.publishing, sample=sample)
    if format_ == "json":
        print_json({"model": model, "job": job.name, "metrics": dict(job.metrics), "publication": published})
