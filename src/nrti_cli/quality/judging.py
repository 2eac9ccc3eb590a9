"""Asks Athena how good the models' predictions are, and compares that with the evaluations after training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nrti_cli.athena.rows import rows, run
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import published
from nrti_cli.models.inputs import inputs_of
from nrti_cli.models.versions import versions
from nrti_cli.quality.figures import quality_of
from nrti_cli.quality.statement import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.aws.athena import Execution
    from nrti_cli.aws.target import Target
    from nrti_cli.models.versions import Version
    from nrti_cli.quality.figures import Quality
    from nrti_cli.quality.statement import Selection


def judge(target: Target, selection: Selection) -> tuple[Execution, list[Quality]]:
    """The quality of each model, or of each part of its predictions, and the query that found it.

    Raises:
        NrtiError: the stack does not exist, the model or version that was named has no predictions, or the
            query fails.
    """
    models = {model.name: model for model in published(target)}
    overlaps = {
        name: 2 * inputs.span
        for name, model in models.items()
        if selection.model in (None, name) and (inputs := inputs_of(target, model)) and inputs.window
    }
    execution = run(target, statement(selection, overlaps))
    found = [quality_of(row) for row in rows(target, execution)]
    if not found and (selection.model or selection.version):
        raise NrtiError(nothing(selection), hint="choose an earlier --since, or list them with nrti models")
    return execution, _with_promises(target, found)


def nothing(selection: Selection) -> str:
    """Describes a selection of which the lake has nothing."""
    chosen = {"model": selection.model, "version": selection.version}
    which = "".join(f" of {name} {value!r}" for name, value in chosen.items() if value)
    return f"the lake has no predictions{which} since {selection.since:%Y-%m-%d %H:%M} UTC"


def _with_promises(target: Target, found: Sequence[Quality]) -> list[Quality]:
    """What the evaluation of the version had promised, for parts with predictions of a single one."""
    known = {
        (model, version.version): version
        for model in {each.model for each in found if each.versions == 1}
        for version in _versions(target, model)
    }
    return [
        replace(each, promised=version.metrics, promised_intervals=version.intervals)
        if each.versions == 1 and (version := known.get((each.model, each.version)))
        else each
        for each in found
    ]


def _versions(target: Target, model: str) -> list[Version]:
    """The versions that are kept; none of a model that was deleted or that nrti did not publish."""
    try:
        return versions(target, model)
    except NrtiError:
        return []
