"""Compares two models on the same labelled rows: the metrics of each, and their difference."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nrti_cli.aws.functions import FunctionError, call
from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import Signatures
from nrti_cli.models.signature import answers
from nrti_cli.remote.sagemaker.metrics import Scored, Units, difference, intervals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.models.training.dataset import Dataset

    Interval = tuple[float, float]

#: The payload limit of a function, minus the envelope of the rows; an endpoint accepts 4 MB.
_BYTES = 1_000_000


@dataclass(frozen=True)
class Figures:
    """The metrics of a model.

    Attributes:
        model: its name.
        version: of its publication, or the name of its endpoint configuration.
        confusion: rows by truth and prediction, with the keys tn, fp, fn and tp.
        metrics: precision, recall, f1 and average_precision.
        intervals: their 95 % intervals.
    """

    model: str
    version: str
    confusion: Mapping[str, int]
    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class Comparison:
    """A comparison of two models.

    Attributes:
        rows: number of rows.
        base_rate: the share of failures among them.
        resampled: what was resampled for the intervals.
        models: the first and the second.
        difference: the 95 % intervals of the second's metrics minus the first's.
    """

    rows: int
    base_rate: float
    resampled: str
    models: Sequence[Figures]
    difference: Mapping[str, Interval] = field(default_factory=dict)


def compare(
    target: Target,
    function: str,
    models: Sequence[tuple[PublishedModel, Dataset]],
    on_share: Callable[[float], None],
) -> Comparison:
    """Scores rows with the endpoints of two models.

    Args:
        target: the AWS.
        function: the inference function of the stack, which invokes them as it does for events.
        models: each with the rows in its own format.
        on_share: called with the scored share, 0 to 1.

    Raises:
        NrtiError: the two have different rows, or an endpoint does not score one of them.
    """
    (_, first), (_, second) = models
    if not np.array_equal(first.labels, second.labels):
        raise NrtiError(
            f"the models take different rows of {first.origin}: {len(first.labels):,} and "
            f"{len(second.labels):,}",
            hint="compare models of the same --window, --hop and --group",
        )
    units, order = _units(first)
    scored = []
    for number, (model, rows) in enumerate(models):
        verdicts: list[Mapping[str, Any]] = []
        for some in _verdicts(target, function, model, rows):
            verdicts += some
            on_share((number + len(verdicts) / len(rows.labels)) / 2)
        scored.append(_scored(first.labels[order], [verdicts[row] for row in order]))
    figures = [
        Figures(model.name, model.config[-17:], each.confusion, each.figures, intervals(each, units))
        for (model, _), each in zip(models, scored, strict=True)
    ]
    return Comparison(
        len(order), scored[0].base_rate, units.kind, figures, difference(scored[0], scored[1], units)
    )


def _units(rows: Dataset) -> tuple[Units, NDArray[np.intp]]:
    """What is resampled, as after a training, and the order of the rows for that."""
    from nrti_cli.remote.sagemaker.channel import Data

    count, schema = len(rows.labels), rows.schema
    groups = (
        None if rows.groups is None else np.unique(np.asarray(rows.groups, dtype=str), return_inverse=True)[1]
    )
    keys = [key for key in (rows.times, groups) if key is not None]
    order = np.lexsort(keys) if keys else np.arange(count)
    if schema and schema.window:
        return Units.of_blocks(count, schema.span), order
    if groups is not None and rows.times is None:
        return Units.of_groups(groups[order]), order
    sequences, labels = np.asarray(rows.sequences)[order], rows.labels[order].astype(np.int64)
    data = Data(rows.features, sequences, labels, times=rows.times)
    return (Units.of_blocks(count, data.gap + 1) if data.ordered else Units.of_rows(count)), order


def _verdicts(
    target: Target, function: str, model: PublishedModel, rows: Dataset
) -> Iterator[list[Mapping[str, Any]]]:
    """The endpoint's verdict on each row, in batches."""
    signature = answers(Signatures(target, model.name).stored(model.config))
    done = 0
    for some in _batches(rows):
        asked = {"endpoint": model.endpoint, "signature": signature or None, "rows": some}
        try:
            response = call(target, function, {"trial": asked})
        except FunctionError as error:
            raise NrtiError(
                f"model {model.name}: function {function} failed: {error}",
                hint="nrti logs inference shows why",
            ) from error
        if "reason" in response:
            raise NrtiError(
                f"model {model.name} does not respond: {response['reason']}",
                hint=f"nrti logs endpoint {model.name} shows why",
            )
        for number, verdict in enumerate(response["rows"], done + 1):
            if "error" in verdict:
                raise NrtiError(
                    f"model {model.name} does not score row {number}: {verdict['error']}",
                    hint="compare the models on rows that both accept",
                )
        done += len(some)
        yield response["rows"]


def _batches(rows: Dataset) -> Iterator[list[Any]]:
    """The sequences in the format of events, in batches of the size of a request."""
    first = rows.sequences[:1]
    count = max(1, _BYTES // (len(json.dumps(first.tolist())) + 25 * first.shape[1]))
    for start in range(0, len(rows.labels), count):
        some = rows.sequences[start : start + count]
        schema = rows.schema
        shaped = some
        if schema and schema.window and len(schema.features) > 1:
            shaped = some.reshape(len(some), schema.window, -1)
        yield _known(shaped.tolist())


def _known(values: Any) -> Any:
    """Replaces missing values by None, for JSON."""
    if isinstance(values, list):
        return [_known(value) for value in values]
    return None if math.isnan(values) else values


def _scored(labels: NDArray[Any], verdicts: Sequence[Mapping[str, Any]]) -> Scored:
    scores = np.array([_score(verdict) for verdict in verdicts])
    predicted = np.array([int(verdict["prediction"]) for verdict in verdicts])
    return Scored(labels.astype(np.int64), scores, predicted)


def _score(verdict: Mapping[str, Any]) -> float:
    """The score of a failure; a probability of a label is turned into that of a failure."""
    if "score" in verdict:
        return float(verdict["score"])
    if "probability" not in verdict:
        return float(verdict["prediction"])
    probability = float(verdict["probability"])
    return 1 - probability if "label" in verdict and not verdict["prediction"] else probability
