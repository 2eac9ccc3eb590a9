"""Brings the previous version of a model back into service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import ROLLED_BACK_TAG
from nrti_cli.models.leftovers import Leftovers, reporting_leftovers
from nrti_cli.models.naming import base_name
from nrti_cli.models.publication.rollout import Rollout
from nrti_cli.models.versions import Version, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep


@dataclass(frozen=True)
class Rollback:
    """What was done.

    Attributes:
        model: the model's name.
        left: the version that was in service.
        version: the one that is now.
        source: its training job, or its artifact's URI.
        left_source: that of the version that was left.
    """

    model: str
    left: str
    version: str
    source: str
    left_source: str


def roll_back(target: Target, model: str, progress: Progress, sleep: Sleep = time.sleep) -> Rollback:
    """Makes the endpoint serve the version before; the one that it leaves is marked and stays.

    A marked version is skipped, so that after a rollback and a new publication the next rollback does not
    lead to it. nrti deploy-model publishes it again as a new version.

    Raises:
        NrtiError: there is no version before, or it does not come into service.
    """
    rollout = Rollout(target, model, progress, sleep)
    rollout.settled()
    left, former = _around(model, versions(target, model))
    base = base_name(target.stack, model)
    leftovers = Leftovers(
        f"but SageMaker continues to make endpoint {rollout.endpoint} serve version {former.version}",
        "nrti models shows its status",
    )
    with reporting_leftovers(lambda: leftovers if rollout.begun else Leftovers("and nothing was changed")):
        rollout.begin(f"{base}-{former.version}")
        if reason := rollout.shortcoming(f"{base}-{former.version}"):
            raise NrtiError(
                f"endpoint {rollout.endpoint} does not serve version {former.version}: {reason}",
                hint=rollout.log,
            )
        SageMaker(target).tag_endpoint_config(f"{base}-{left.version}", {ROLLED_BACK_TAG: former.version})
    return Rollback(model, left.version, former.version, former.source, left.source)


def _around(model: str, found: Sequence[Version]) -> tuple[Version, Version]:
    """The version in service and the one before it."""
    serving = next((number for number, version in enumerate(found) if version.in_service), None)
    if serving is None:
        raise NrtiError(
            f"model {model} has no version of nrti in service",
            hint=f"nrti deploy-model --name {model} --adopt",
        )
    former = next((version for version in found[serving + 1 :] if not version.rolled_back), None)
    if former is None:
        raise NrtiError(
            f"model {model} has no version before {found[serving].version} to go back to",
            hint=f"nrti deploy-model --name {model} --job JOB publishes any of its training jobs",
        )
    return found[serving], former
