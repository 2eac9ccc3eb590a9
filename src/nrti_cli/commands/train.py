"""The command `nrti train`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.files import (
    FileOptions,
    columns,
    layout,
    refuse_without_file,
)
from nrti_cli.commands.options.formats import FormatOption
from nrti_cli.commands.options.publishing import PublishingOptions
from nrti_cli.commands.options.training import (
    ForceOption,
    IfBetterOption,
    LakeOptions,
    ReportOption,
    SampleOption,
    ScriptOption,
    ScriptOptions,
    SearchOptions,
)
from nrti_cli.commands.train_gate import AfterTraining
from nrti_cli.commands.train_job import (
    check_report_path,
    finish_job,
    follow_job,
    lake_dataset,
    load_dataset,
    start_job,
    training_settings,
)
from nrti_cli.commands.train_script import (
    finish_script,
    refuse_beside_script,
    refuse_without_script,
    start_script,
)
from nrti_cli.completion import offers
from nrti_cli.errors import UsageError
from nrti_cli.tables.schema import WindowLabel

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

_DEMO_ROWS = 50_000
_MACHINE = "ml.m5.large"


@addressed
def train(
    target: "Target",
    *,
    name: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models,
            help="Model name, used in events and in the endpoint's name.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="CSV, parquet or JSON lines file, - is standard input; default: the demo data set.",
        ),
    ] = None,
    lake: LakeOptions,
    label: Annotated[
        str | None,
        typer.Option(help="The label column of --data, with 0 and 1; default event."),
    ] = None,
    positive: Annotated[
        tuple | None,  # type: ignore[type-arg]
        columns("Labels that mean a failure; default 1, true, yes or 2."),
    ] = None,
    label_intervals: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Label rows by time: a file with start, end and optionally group of failures.",
        ),
    ] = None,
    window_label: Annotated[
        WindowLabel | None,
        typer.Option(help="A window is a failure if any, the last or most of its rows are; default any."),
    ] = None,
    file: FileOptions,
    rows: Annotated[
        int | None,
        typer.Option(min=1, max=10_000_000, help=f"Rows of the demo data set; default {_DEMO_ROWS}."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="Seed of the demo data and the training; default 0."),
    ] = None,
    search: SearchOptions,
    instance_type: Annotated[
        str | None,
        typer.Option(
            help=f"Instance type for the training, default {_MACHINE}; the embedded AWS only records it."
        ),
    ] = None,
    attach: Annotated[
        str | None,
        typer.Option(
            metavar="JOB",
            autocompletion=offers.jobs,
            help="Attach to an existing job, running or completed, instead of starting one.",
        ),
    ] = None,
    deploy: Annotated[bool, typer.Option("--deploy/--no-deploy", help="Publish the trained model.")] = True,
    report: ReportOption = None,
    force: ForceOption = False,
    if_better: IfBetterOption = False,
    script: ScriptOption = None,
    own: ScriptOptions,
    sample: SampleOption = None,
    publishing: PublishingOptions,
    format_: FormatOption = "table",
) -> None:
    """Train a model, evaluate it, and publish it.

    The data is a file, or the demo data set: sequences of three numbers, where a spike in the middle is a
    failure. In a file, every column without another role is a value, and each row is a sequence; with
    --window N, a sequence has N rows. docs/data.md has the rules.

    With --from-lake, the data is the labelled predictions in the lake, only those of this model if it is
    published. A file given with --data is added to it. The split is then by time.

    With --if-better, exit code 0 means published, 3 not better, and 1 that the training failed or that the
    versions could not be compared.

    With --script, SageMaker runs your own training script, which reads the file itself.
    """
    from nrti_cli.models.training import job as training
    from nrti_cli.stack.outputs import outputs

    _refuse_contradictions(publishing, deploy=deploy, force=force, if_better=if_better)
    about_rows = {"label": label, "positive": positive, "window_label": window_label, **vars(file)}
    about_file = {"label_intervals": label_intervals, **about_rows}
    about_training = {**vars(lake), "rows": rows, "seed": seed, **vars(search), **about_file}
    if attach:
        _refuse_beside_attach(
            name=name, data=data, instance_type=instance_type, script=script, **vars(own), **about_training
        )
    _refuse_mixture(data, rows, about_file, lake)
    refuse_without_script(script or attach, sample=sample, **vars(own))
    if script:
        refuse_beside_script(report=report, force=force, if_better=if_better, **about_training)
    check_report_path(report)
    model, machine = "" if attach else _checked_name(target, name), instance_type or _MACHINE
    stack = outputs(target)
    if attach:
        model = training.model_of(target, attach)
        job = follow_job(target, attach, f"of model {model}", from_now=True)
    elif script:
        started = start_script(target, stack, model, script, own, data, machine)
        job = follow_job(target, started, f"of script {script}")
    else:
        known = layout(None, **about_rows)
        settings = training_settings(seed, search, from_lake=lake.from_lake)
        if lake.from_lake:
            dataset = lake_dataset(target, model, lake, data, known, label_intervals)
        else:
            dataset = load_dataset(data, known, label_intervals, rows or _DEMO_ROWS, settings.seed)
        started = start_job(target, stack, model, dataset, settings, machine)
        job = follow_job(target, started, dataset.counts)
    wanted = AfterTraining(publishing, deploy, force, if_better)
    finish = finish_script if job.own else finish_job
    finish(target, stack, model, job, wanted, sample if job.own else report, format_)


def _refuse_contradictions(
    publishing: PublishingOptions, *, deploy: bool, force: bool, if_better: bool
) -> None:
    if not deploy and (publishing.memory or publishing.concurrency):
        raise UsageError("--memory and --concurrency apply to publishing", hint="leave out --no-deploy")
    if not deploy and if_better:
        raise UsageError("--if-better applies to publishing", hint="leave out --no-deploy")
    if force and if_better:
        raise UsageError("--force and --if-better exclude each other", hint="use one of them")


def _refuse_mixture(
    data: str | None,
    rows: int | None,
    about_file: dict[str, Any],
    lake: LakeOptions,
) -> None:
    from nrti_cli.athena.condition import require_condition

    if rows and (data or lake.from_lake):
        option = "--data" if data else "--from-lake"
        raise UsageError("--rows applies to the demo data set", hint=f"leave it out together with {option}")
    if not data:
        refuse_without_file("--data", **about_file)
    for name, value in {"since": lake.since, "where": lake.where}.items():
        if value and not lake.from_lake:
            raise UsageError(f"--{name} applies to the lake", hint="add --from-lake")
    if lake.where:
        require_condition(lake.where, "--where")


def _refuse_beside_attach(**options: object) -> None:
    """Refuses options that were fixed when the job was started."""
    for name, value in options.items():
        if value is not None and value is not False:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} applies to a new job", hint="leave it out together with --attach")


def _checked_name(target: "Target", name: str | None) -> str:
    from nrti_cli.stack.names import endpoint_name

    if name is None:
        raise UsageError("the model has no name", hint="add one, such as --name failure-v1")
    endpoint_name(target.stack, name)
    return name
