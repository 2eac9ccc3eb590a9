"""The inputs that the model in service declares: their names, order and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import Signatures
from nrti_cli.tables.schema import Schema

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


def inputs_of(target: Target, model: PublishedModel) -> Schema | None:
    """The inputs of the version in service; None if none are declared.

    Raises:
        NrtiError: the declaration cannot be parsed.
    """
    document = Signatures(target, model.name).stored(model.config)
    try:
        return Schema.of(document["inputs"]) if "inputs" in document else None
    except (ValueError, TypeError, AttributeError) as error:
        raise NrtiError(
            f"the declared inputs of {model.name} cannot be parsed", hint="publish the model again"
        ) from error
