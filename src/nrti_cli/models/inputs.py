"""What a published model takes: names, order and shape of the inputs that the version in service declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.errors import NrtiError
from nrti_cli.models.signature import Signatures
from nrti_cli.tables.schema import Schema

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


def inputs_of(target: Target, model: PublishedModel) -> Schema | None:
    """The inputs of the version in service; None if nothing is declared.

    Raises:
        NrtiError: what is declared cannot be understood.
    """
    document = Signatures(target, model.name).declared(model.config)
    try:
        return Schema.of(document["inputs"]) if "inputs" in document else None
    except (ValueError, TypeError, AttributeError) as error:
        raise NrtiError(
            f"the inputs of {model.name} cannot be understood", hint="publish the model again"
        ) from error
