"""The versions of a model: each kept publication with its evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import (
    DATA_TAG,
    INTERVAL_TAG,
    LENGTH_TAG,
    METRIC_TAG,
    ROLLED_BACK_TAG,
    SOURCE_TAG,
    SPLIT_TAG,
)
from nrti_cli.models.naming import base_name, is_resource_of
from nrti_cli.models.publication.source import stored_metadata
from nrti_cli.stack.names import endpoint_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class Version:
    """A publication that the endpoint serves or can be rolled back to.

    Attributes:
        version: the time of the publication in UTC, 17 digits, as in predictions.
        in_service: whether the endpoint serves it.
        source: the training job, or the artifact's URI.
        data: its training data; empty if unknown.
        split: how the held-out rows were chosen: time, group or random.
        length: of a sequence.
        metrics: on the held-out rows: precision, recall, f1 and average_precision.
        intervals: their 95 % intervals.
        rolled_back: whether a rollback has left it.
        lineage: the training job, rows, and SHA-256 of its data, and the query if it is from the lake; empty
            unless it was read.
    """

    version: str
    in_service: bool
    source: str
    data: str
    split: str
    length: int | None
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    rolled_back: bool = False
    lineage: Mapping[str, Any] = field(default_factory=dict)


def versions(target: Target, model: str) -> list[Version]:
    """The kept versions of a model, newest first.

    Raises:
        UsageError: the name is not valid for a model.
        NrtiError: there is none.
    """
    client = SageMaker(target)
    endpoint = client.endpoint(endpoint_name(target.stack, model))
    names = client.endpoint_config_names(base_name(target.stack, model))
    kept = sorted((name for name in names if is_resource_of(name, target.stack, model)), reverse=True)
    if not kept:
        raise NrtiError(
            f"nrti published no version of model {model!r}", hint="list the models with nrti models"
        )
    served = endpoint.config if endpoint else ""
    return [_version(name, _tags(client, name), in_service=name == served) for name in kept]


def with_lineage(target: Target, model: str, found: Sequence[Version]) -> list[Version]:
    """The versions with the lineage in the metadata of their artifacts, as far as these can be read."""
    client, base = SageMaker(target), base_name(target.stack, model)
    return [
        replace(each, lineage=_lineage(target, client.served(f"{base}-{each.version}")[1])) for each in found
    ]


def _lineage(target: Target, artifact: str) -> Mapping[str, Any]:
    try:
        return stored_metadata(target, artifact).lineage if artifact else {}
    except (ClientError, NrtiError):
        return {}


def _tags(client: SageMaker, config: str) -> Mapping[str, str]:
    """The tags of a configuration; none if it has been deleted meanwhile."""
    found = client.endpoint_config(config)
    return found.tags if found else {}


def _version(name: str, tags: Mapping[str, str], *, in_service: bool) -> Version:
    def under(prefix: str) -> dict[str, str]:
        return {key.removeprefix(prefix): value for key, value in tags.items() if key.startswith(prefix)}

    return Version(
        version=name[-17:],
        in_service=in_service,
        source=tags.get(SOURCE_TAG, ""),
        data=tags.get(DATA_TAG, ""),
        split=tags.get(SPLIT_TAG, ""),
        length=int(tags[LENGTH_TAG]) if LENGTH_TAG in tags else None,
        metrics={key: float(value) for key, value in under(METRIC_TAG).items()},
        intervals={key: _span(value) for key, value in under(INTERVAL_TAG).items()},
        rolled_back=ROLLED_BACK_TAG in tags,
    )


def _span(text: str) -> tuple[float, float]:
    low, _, high = text.partition(" ")
    return float(low), float(high)
