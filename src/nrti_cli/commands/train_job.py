"""The steps of `nrti train` around a training job: start, follow, evaluate, publish."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from nrti_cli.commands.deploy_model import put_in_service
from nrti_cli.commands.options.formats import Format, print_json
from nrti_cli.commands.options.training import LakeOptions, SearchOptions
from nrti_cli.commands.train_gate import AfterTraining, why_not
from nrti_cli.console import note, progress
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.sagemaker.training_jobs import TrainingJob
    from nrti_cli.aws.target import Target
    from nrti_cli.models.training.dataset import Dataset
    from nrti_cli.models.training.job import TrainingSettings
    from nrti_cli.stack.outputs import Outputs
    from nrti_cli.tables.layout import Layout


def training_settings(seed: int | None, search: SearchOptions, *, from_lake: bool) -> "TrainingSettings":
    """Settings of a training job; options that were not given keep their defaults."""
    from nrti_cli.models.training.job import TrainingSettings

    given = {**vars(search), "seed": seed, "split": search.split or ("time" if from_lake else None)}
    return TrainingSettings(**{name: value for name, value in given.items() if value is not None})


def load_dataset(data: str | None, known: "Layout", failures: str | None, rows: int, seed: int) -> "Dataset":
    """Reads the data file, or generates the demo data set; remarks about the data go to stderr."""
    from rich.markup import escape

    from nrti_cli.models.training.datafile import load
    from nrti_cli.models.training.dataset import demo

    if data is None:
        return demo(rows, seed)
    with progress(f"reading {escape(data)}") as shown:
        found = load(data, known, failures, shown.advance)
    for remark in found.remarks:
        note(escape(remark))
    return found


def lake_dataset(
    target: "Target",
    model: str,
    lake: LakeOptions,
    data: str | None,
    known: "Layout",
    failures: str | None,
) -> "Dataset":
    """Reads the labelled predictions of the lake, and the data file if there is one."""
    from rich.markup import escape

    from nrti_cli.models.training.joined import beside
    from nrti_cli.models.training.lake_query import Wanted
    from nrti_cli.models.training.lake_rows import load

    earlier = load_dataset(data, known, failures, 0, 0) if data else None
    with progress("Athena collects the labelled predictions …"):
        found = load(target, Wanted(model, lake.since, lake.where))
    for remark in found.remarks:
        note(escape(remark))
    return beside(earlier, found) if earlier else found


def start_job(
    target: "Target",
    stack: "Outputs",
    model: str,
    dataset: "Dataset",
    settings: "TrainingSettings",
    machine: str,
) -> str:
    """Starts a job with nrti's own script, which also evaluates the model in service on the same rows."""
    from dataclasses import replace

    from nrti_cli.models.training import job as training
    from nrti_cli.models.training.incumbent import artifact_in_service

    judging = replace(settings, incumbent=artifact_in_service(target, model))
    with progress("uploading") as shown:
        return training.start(
            target,
            stack.sagemaker_role_arn,
            model,
            dataset,
            settings=judging,
            instance=machine,
            on_share=shown.advance,
        )


def follow_job(target: "Target", job: str, about: str, *, from_now: bool = False) -> "TrainingJob":
    """Shows the log of a training job until it ends."""
    from nrti_cli.models.training import following

    with following.going_on(job):
        note(f"training job {job}: {about}")
        with progress(f"{job}: starting") as shown:
            return following.follow(target, job, shown, from_now=from_now)


def finish_job(
    target: "Target",
    stack: "Outputs",
    model: str,
    job: "TrainingJob",
    wanted: AfterTraining,
    report: str | None,
    format_: Format,
) -> None:
    """Shows the evaluation, and publishes the model if requested and if it is better than a guess."""
    from nrti_cli.commands.output.evaluation import show
    from nrti_cli.models.publication import source
    from nrti_cli.models.training import evaluation

    evaluated = evaluation.read_evaluation(target, job)
    if format_ == "table":
        show(evaluated)
    _write_report(target, job, report)
    command, published = source.deploying(model, job.name), None
    refusal = why_not(target, model, evaluated, wanted, command)
    if wanted.deploy and not refusal:
        found = source.of_job(target, job)
        published = put_in_service(target, stack, model, found, wanted.publishing)
    if format_ == "json":
        record = {"model": model, "job": job.name, "evaluation": asdict(evaluated)}
        print_json({**record, "publication": published})
    if refusal:
        raise refusal
    if not wanted.deploy:
        note(f"publish it with:\n  {command}")


def check_report_path(file: str | None) -> None:
    """Checks `--report` before the training starts, not after it."""
    from pathlib import Path

    if file is None:
        return
    if Path(file).is_dir() or not Path(file).parent.is_dir():
        raise UsageError(f"--report {file} cannot be written", hint="name a file in an existing directory")


def _write_report(target: "Target", job: "TrainingJob", file: str | None) -> None:
    from pathlib import Path

    from rich.markup import escape

    from nrti_cli.models.training.evaluation import report

    if file is None:
        return
    Path(file).write_bytes(report(target, job))
    note(f"report: {escape(file)}")
