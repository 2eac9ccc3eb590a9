"""Every patch that the embedded AWS applies, in one list.

Import it when the environment is set: it imports ministack, which reads its settings then.
"""

from nrti_local import athena
from nrti_local.apigateway import patches as apigateway
from nrti_local.cloudformation import change_sets, deletions, drift, properties
from nrti_local.cloudformation import patches as cloudformation
from nrti_local.cloudwatch import logs
from nrti_local.cloudwatch import patches as cloudwatch
from nrti_local.durability import persistence
from nrti_local.dynamodb import batch_write, packing, streams
from nrti_local.dynamodb import patches as dynamodb
from nrti_local.firehose import patches as firehose
from nrti_local.kinesis import arrivals
from nrti_local.kinesis import patches as kinesis
from nrti_local.lambda_ import patches as lambda_runtime
from nrti_local.ministack.patch import Patch
from nrti_local.server import identifiers, lifespan, service_names, transport
from nrti_local.stepfunctions import patches as stepfunctions
from nrti_local.stepfunctions import paths

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
