"""Options of `nrti train` about how a model is chosen and judged."""

import re
from typing import Annotated, Literal

import typer

Split = Literal["time", "group", "random"]
_RULE = re.compile(r"f1|recall=(0?\.\d+|1(\.0*)?)|cost=\d+(\.\d+)?:\d+(\.\d+)?")


def _rule(text: str | None) -> str | None:
    if text is not None and not _RULE.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not f1, recall=0.9 or cost=FN:FP, such as cost=10:1")
    return text


SplitOption = Annotated[
    Split | None,
    typer.Option(help="What parts the rows to train, choose and test; by what the data have if left out."),
]
BudgetOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=3000,
        help="Seconds to look for the best estimator, 20 if left out; 0 tries the first alone.",
    ),
]
RuleOption = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        callback=_rule,
        help="How the threshold is chosen: f1 (if left out), recall=0.9, or cost=FN:FP.",
    ),
]
ReportOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write the evaluation as an HTML page with plots."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Publish the model even if it is no better than the base rate.")
]
ScriptOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="A training script of yours, in script mode; --data goes to it as it is."
    ),
]
SourceDirOption = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="The directory of --script, with all that it needs."),
]
HyperparameterOption = Annotated[
    list[str] | None,
    typer.Option("--hyperparameter", "-H", metavar="NAME=VALUE", help="An argument of --script; repeatable."),
]
MetricOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=REGEX",
        help="How a metric is found in the log of --script, as f1=f1: ([0-9.]+); repeatable.",
    ),
]
SampleOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Rows to try the model of --script with, as nrti produce sends them."),
]
