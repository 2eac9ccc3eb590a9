"""Publishes a model: creates its endpoint, or updates it to another artifact while it stays in service.

A version whose responses are wrong does not go into service. If an update fails, the endpoint returns to the
previous version.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nrti_cli.models.leftovers import reporting_leftovers
from nrti_cli.models.publication.attempt import Publication
from nrti_cli.models.publication.rollout import Rollout

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep
    from nrti_cli.models.publication.settings import PublishSettings
    from nrti_cli.models.publication.source import ModelSource
    from nrti_cli.stack.outputs import Outputs


def publish(
    target: Target,
    stack: Outputs,
    model: str,
    source: ModelSource,
    settings: PublishSettings,
    progress: Progress,
    sleep: Sleep = time.sleep,
) -> bool:
    """Makes a model's endpoint serve an artifact; waits until it responds correctly.

    Args:
        target: the AWS.
        stack: has the role for SageMaker, and the function that invokes endpoints.
        model: the model's name, without the stack's.
        source: the artifact.
        settings: the endpoint's resources, and how many publications to keep.
        progress: shows the endpoint's status, another length of sequences, and what was pruned.
        sleep: sleeps between two polls.

    Returns:
        False if the endpoint served this artifact already.

    Raises:
        NrtiError: it did not come into service, and the endpoint is as before; or it was interrupted. The
            message has the reason, and what is left.
    """
    publication = Publication(target, stack, model, source, Rollout(target, model, progress, sleep))
    with reporting_leftovers(lambda: publication.left):
        if not publication.run(settings, progress):
            return False
        publication.prune(settings.keep, progress)
    return True
