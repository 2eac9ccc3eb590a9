"""Options of `nrti train` about selecting and evaluating a model."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import typer

from nrti_cli.commands.options.common import moment

Split = Literal["time", "group", "random"]
_RULE = re.compile(r"f1|recall=(0?\.\d+|1(\.0*)?)|cost=\d+(\.\d+)?:\d+(\.\d+)?")


def _rule(text: str | None) -> str | None:
    if text is not None and not _RULE.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not f1, recall=0.9 or cost=FN:FP, such as cost=10:1")
    return text


SplitOption = Annotated[
    Split | None,
    typer.Option(help="How to split the rows into training, validation and test; default: by the data."),
]
BudgetOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=3000,
        help="Seconds to search for the best estimator, default 20; 0 uses the first.",
    ),
]
RuleOption = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        callback=_rule,
        help="Rule for the threshold: f1 (default), recall=0.9, or cost=FN:FP.",
    ),
]
ReportOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write the evaluation as an HTML page with charts."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Publish the model even if it is no better than the base rate.")
]
IfBetterOption = Annotated[
    bool,
    typer.Option(
        "--if-better",
        help="Publish only if it beats the version in service on the same held-out rows; else exit with 3.",
    ),
]
FromLakeOption = Annotated[
    bool, typer.Option("--from-lake", help="Train on the labelled predictions in the lake.")
]
SinceOption = Annotated[
    datetime | None, moment("Only predictions in the lake from this time on; default: all.")
]
WhereOption = Annotated[
    str | None,
    typer.Option(metavar="SQL", help="Only predictions that meet this condition on the view outcomes."),
]
ScriptOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Your own training script, in script mode; it reads --data itself."),
]
SourceDirOption = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="The directory with --script and the files that it needs."),
]
HyperparameterOption = Annotated[
    list[str] | None,
    typer.Option("--hyperparameter", "-H", metavar="NAME=VALUE", help="An argument of --script; repeatable."),
]
MetricOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=REGEX",
        help="A regular expression for a metric in the log of --script, as f1=f1: ([0-9.]+); repeatable.",
    ),
]
SampleOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Rows to test the model of --script with, as nrti produce sends them."),
]


@dataclass(frozen=True)
class LakeOptions:
    """Training data from the lake."""

    from_lake: FromLakeOption = False
    since: SinceOption = None
    where: WhereOption = None


@dataclass(frozen=True)
class SearchOptions:
    """How nrti's own training splits the rows, searches for an estimator, and chooses the threshold."""

    split: SplitOption = None
    budget: BudgetOption = None
    choose_threshold: RuleOption = None


@dataclass(frozen=True)
class ScriptOptions:
    """What a training script of the user needs."""

    source_dir: SourceDirOption = None
    hyperparameter: HyperparameterOption = None
    metric: MetricOption = None
