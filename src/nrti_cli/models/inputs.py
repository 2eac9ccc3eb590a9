"""What a published model takes: names, order and shape of the inputs that the version in service declares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nrti_cli.aws.s3 import S3
from nrti_cli.errors import NrtiError
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.tables.schema import Schema

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


def signature_key(endpoint: str, publication: str) -> str:
    """Where in the artifacts bucket the signature of a publication is, which ends in 17 digits."""
    return f"signatures/{endpoint}/{publication[-17:]}.json"


def inputs_of(target: Target, model: PublishedModel) -> Schema | None:
    """The inputs of the version in service; None if nothing is declared.

    Raises:
        NrtiError: what is declared cannot be understood.
    """
    uri = f"s3://{artifacts_bucket(target)}/{signature_key(model.endpoint, model.config)}"
    try:
        document = json.loads(S3(target).get(uri))
    except NrtiError:
        return None
    try:
        return Schema.of(document["inputs"]) if "inputs" in document else None
    except (ValueError, TypeError, AttributeError) as error:
        raise NrtiError(f"{uri}: its inputs cannot be understood", hint="publish the model again") from error
