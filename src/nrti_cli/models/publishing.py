"""Publishes a model: creates its endpoint, or rolls it over to another artifact while it goes on serving.

A version that answers wrongly does not get as far as that. An endpoint that does not come into service goes
back to what it served.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nrti_cli.models.leftovers import telling
from nrti_cli.models.publication import Publication
from nrti_cli.models.rollout import Rollout

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep
    from nrti_cli.models.publication import Settings
    from nrti_cli.models.source import Source
    from nrti_cli.stack.outputs import Outputs


def publish(
    target: Target,
    stack: Outputs,
    model: str,
    source: Source,
    settings: Settings,
    progress: Progress,
    sleep: Sleep = time.sleep,
) -> bool:
    """Makes a model's endpoint serve an artifact, and waits until it does and answers.

    Args:
        target: where.
        stack: its role that SageMaker takes on, and its function that asks endpoints.
        model: the model's name, without the stack's.
        source: what it is to serve.
        settings: with what, and how much of former publications stays.
        progress: told about the endpoint's status, another length of sequences, and what was pruned.
        sleep: waits between two looks.

    Returns:
        False if the endpoint served this artifact already.

    Raises:
        NrtiError: it could not be brought into service, and is as it was before; or this was interrupted. The
            message holds the reason, and what is left.
    """
    publication = Publication(target, stack, model, source, Rollout(target, model, progress, sleep))
    with telling(lambda: publication.left):
        if not publication.run(settings, progress):
            return False
        publication.prune(settings.keep, progress)
    return True
