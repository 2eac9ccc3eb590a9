"""All patches, and all private names of ministack that nrti_local uses.

Import it after the environment is set: it imports ministack, which reads its settings then.
"""

from collections.abc import Iterable
from importlib.metadata import version
from types import ModuleType

from nrti_local.cloudformation import change_sets, drift, handlers, stack_tags
from nrti_local.cloudwatch import log_operations, logs, metric_filters, metric_operations, metrics, statistics
from nrti_local.cloudwatch import patches as cloudwatch
from nrti_local.durability.saved import machines, services
from nrti_local.dynamodb import conditions, expiry, stream_reads, tables
from nrti_local.dynamodb import handler as dynamodb
from nrti_local.dynamodb import streams as table_streams
from nrti_local.kinesis import handler as kinesis
from nrti_local.kinesis import puts
from nrti_local.kinesis import streams as kinesis_streams
from nrti_local.lambda_ import patches as lambda_runtime
from nrti_local.ministack.patch import MINISTACK_VERSION, Name, Patch, PatchError
from nrti_local.server import identifiers, service_names, transport

#: Every module with `PATCHES` or `PRIVATE`. The patches are applied in this order.
MODULES: tuple[ModuleType, ...] = (
    change_sets,
    cloudwatch,
    conditions,
    drift,
    dynamodb,
    expiry,
    handlers,
    identifiers,
    kinesis,
    kinesis_streams,
    lambda_runtime,
    log_operations,
    logs,
    machines,
    metric_filters,
    metric_operations,
    metrics,
    puts,
    service_names,
    services,
    stack_tags,
    statistics,
    stream_reads,
    table_streams,
    tables,
    transport,
)
PATCHES: tuple[Patch, ...] = tuple(patch for module in MODULES for patch in getattr(module, "PATCHES", ()))
_DECLARED = (name for module in MODULES for name in getattr(module, "PRIVATE", ()))
#: Every private name of ministack that nrti_local uses: the targets, and what is read or called.
NAMES: frozenset[Name] = frozenset([*(patch.target for patch in PATCHES), *_DECLARED])


def check(names: Iterable[Name]) -> None:
    """Checks that the installed ministack has all names.

    Raises:
        PatchError: one is gone; the message names it on one line.
    """
    gone = sorted((name for name in names if not name.exists()), key=str)
    if gone:
        more = f" and {len(gone) - 1} more" if gone[1:] else ""
        raise PatchError(
            f"ministack {version('ministack')} has no {gone[0]}{more} (nrti_local needs {MINISTACK_VERSION})"
        )


def apply_all() -> None:
    """Checks every name and applies every patch; called once, before the server imports its application.

    Raises:
        PatchError: a name is gone from ministack.
    """
    check(NAMES)
    for patch in PATCHES:
        patch.apply()
