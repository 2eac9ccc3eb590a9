"""Every patch that the embedded AWS applies, in one list.

Import it when the environment is set: it imports ministack, which reads its settings then.
"""

from nrti_cli.local.patches import (
    apigateway,
    arrivals,
    athena,
    batch_write,
    change_sets,
    cloudformation,
    cloudwatch,
    deletions,
    drift,
    dynamodb,
    firehose,
    identifiers,
    kinesis,
    lambda_runtime,
    lifespan,
    logs,
    packing,
    paths,
    persistence,
    properties,
    service_names,
    stepfunctions,
    streams,
    transport,
)
from nrti_cli.local.patches.patch import Patch

PATCHES: tuple[Patch, ...] = (
    *apigateway.PATCHES,
    *arrivals.PATCHES,
    *athena.PATCHES,
    *batch_write.PATCHES,
    *change_sets.PATCHES,
    *cloudformation.PATCHES,
    *cloudwatch.PATCHES,
    *deletions.PATCHES,
    *drift.PATCHES,
    *dynamodb.PATCHES,
    *firehose.PATCHES,
    *identifiers.PATCHES,
    *kinesis.PATCHES,
    *lambda_runtime.PATCHES,
    *lifespan.PATCHES,
    *logs.PATCHES,
    *packing.PATCHES,
    *paths.PATCHES,
    *persistence.PATCHES,
    *properties.PATCHES,
    *service_names.PATCHES,
    *stepfunctions.PATCHES,
    *streams.PATCHES,
    *transport.PATCHES,
)


def apply_all() -> None:
    """Applies the catalogue; called once, before the server imports its application.

    Raises:
        PatchError: a patch's target has gone from ministack.
    """
    for patch in PATCHES:
        patch.apply()
