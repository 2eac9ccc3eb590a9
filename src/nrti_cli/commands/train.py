"""The command `nrti train`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nrti_cli.commands.deploy_model import (
    ConcurrencyOption,
    KeepOption,
    MemoryOption,
    Publishing,
)
from nrti_cli.commands.file_options import (
    ExcludeOption,
    FeaturesOption,
    GroupOption,
    HeaderOption,
    HopOption,
    MaxGapOption,
    MissingOption,
    SeparatorOption,
    TimeFormatOption,
    TimeOption,
    WindowOption,
    columns,
    layout,
    refuse_without_file,
)
from nrti_cli.commands.formats import FormatOption
from nrti_cli.commands.options import addressed
from nrti_cli.commands.scripted import (
    Wanted,
    finish_scripted,
    refuse_beside_script,
    refuse_without_script,
    start_scripted,
)
from nrti_cli.commands.training_job import (
    check_report_path,
    finish_job,
    follow_job,
    load_dataset,
    start_job,
    training_settings,
)
from nrti_cli.commands.training_options import (
    BudgetOption,
    ForceOption,
    HyperparameterOption,
    MetricOption,
    ReportOption,
    RuleOption,
    SampleOption,
    ScriptOption,
    SourceDirOption,
    SplitOption,
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
    name: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models,
            help="The model's name; events say it, and its endpoint bears it.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="CSV, parquet or JSON lines, - is standard input; the demo's data set is made if left out.",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="The column of --data that is to be predicted, as 0 and 1; event if left out."),
    ] = None,
    positive: Annotated[
        tuple | None,  # type: ignore[type-arg]
        columns("The labels that mean a failure, if they are not 1, true, yes or 2."),
    ] = None,
    label_intervals: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Label rows by time: a file with start, end and perhaps the group of failures.",
        ),
    ] = None,
    features: FeaturesOption = None,
    exclude: ExcludeOption = None,
    group: GroupOption = None,
    time: TimeOption = None,
    time_format: TimeFormatOption = None,
    missing: MissingOption = None,
    window: WindowOption = None,
    hop: HopOption = None,
    max_gap: MaxGapOption = None,
    window_label: Annotated[
        WindowLabel | None,
        typer.Option(help="A window is a failure if any, the last or most of its rows are; any if left out."),
    ] = None,
    separator: SeparatorOption = None,
    no_header: HeaderOption = False,
    rows: Annotated[
        int | None,
        typer.Option(
            min=1, max=10_000_000, help=f"The rows of the demo's data set; {_DEMO_ROWS} if left out."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="Of the demo's data and the training; 0 if left out."),
    ] = None,
    split: SplitOption = None,
    budget: BudgetOption = None,
    choose_threshold: RuleOption = None,
    instance_type: Annotated[
        str | None,
        typer.Option(
            help=f"The machine that trains, {_MACHINE} if left out; the embedded AWS only notes it."
        ),
    ] = None,
    attach: Annotated[
        str | None,
        typer.Option(
            metavar="JOB",
            autocompletion=offers.jobs,
            help="Take up a job that was started before, running or done, instead of a new one.",
        ),
    ] = None,
    deploy: Annotated[
        bool, typer.Option("--deploy/--no-deploy", help="Publish the model when it is trained.")
    ] = True,
    report: ReportOption = None,
    force: ForceOption = False,
    script: ScriptOption = None,
    source_dir: SourceDirOption = None,
    hyperparameter: HyperparameterOption = None,
    metric: MetricOption = None,
    sample: SampleOption = None,
    memory: MemoryOption = None,
    concurrency: ConcurrencyOption = None,
    keep: KeepOption = 5,
    format_: FormatOption = "table",
) -> None:
    """Train a model, show how good it is, and publish it.

    The data is a file of yours, or made by the demo's rule: three numbers, the middle one a spike. In a file
    every column is a value that is nothing else, and every row a sequence, unless --window N makes sequences
    of N rows; docs/data.md has the rules.

    With --script it is trained by a script of yours, which reads the file itself.
    """
    from nrti_cli.models import training
    from nrti_cli.stack.outputs import outputs

    if not deploy and (memory or concurrency):
        raise UsageError("--memory and --concurrency are about publishing", hint="leave out --no-deploy")
    schema = {
        "label": label, "positive": positive, "features": features, "exclude": exclude, "group": group,
        "time": time, "time_format": time_format, "missing": missing, "window": window, "hop": hop,
        "max_gap": max_gap, "window_label": window_label,
    }  # fmt: skip
    about_file = {
        "label_intervals": label_intervals,
        "separator": separator,
        "no_header": no_header,
        **schema,
    }
    about_training = {"rows": rows, "seed": seed, "split": split, "budget": budget,
                      "choose_threshold": choose_threshold, **about_file}  # fmt: skip
    about_script = {"source_dir": source_dir, "hyperparameter": hyperparameter, "metric": metric}
    if attach:
        _refuse_beside_attach(
            name=name, data=data, instance_type=instance_type, script=script, **about_script, **about_training
        )
    _refuse_mixture(data, rows, about_file)
    refuse_without_script(script or attach, sample=sample, **about_script)
    if script:
        refuse_beside_script(report=report, force=force, **about_training)
    check_report_path(report)
    model, machine = "" if attach else _checked_name(target, name), instance_type or _MACHINE
    stack = outputs(target)
    if attach:
        model = training.model_of(target, attach)
        job = follow_job(target, attach, f"of model {model}", from_now=True)
    elif script:
        started = start_scripted(target, stack, model, script, data, machine, about_script)
        job = follow_job(target, started, f"of script {script}")
    else:
        known = layout(None, separator=separator, no_header=no_header, **schema)
        settings = training_settings(seed=seed, split=split, budget=budget, choose_threshold=choose_threshold)
        dataset = load_dataset(data, known, label_intervals, rows or _DEMO_ROWS, settings.seed)
        started = start_job(target, stack, model, dataset, settings, machine)
        job = follow_job(target, started, f"{len(dataset.labels):,} rows, {dataset.failures:,} failures")
    wanted = Wanted(Publishing(memory=memory, concurrency=concurrency, keep=keep), deploy, force)
    finish = finish_scripted if job.own else finish_job
    finish(target, stack, model, job, wanted, sample if job.own else report, format_)


def _refuse_mixture(data: str | None, rows: int | None, about_file: dict[str, Any]) -> None:
    if data and rows:
        raise UsageError("--rows is about the demo's data set", hint="leave it out together with --data")
    if not data:
        refuse_without_file("--data", **about_file)


def _refuse_beside_attach(**options: object) -> None:
    """What a job is made of was settled when it was started."""
    for name, value in options.items():
        if value is not None and value is not False:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} is about a new job", hint="leave it out together with --attach")


def _checked_name(target: "Target", name: str | None) -> str:
    from nrti_cli.stack.names import endpoint_name

    if name is None:
        raise UsageError("the model has no name", hint="give it one, as --name failure-v1")
    endpoint_name(target.stack, name)
    return name
