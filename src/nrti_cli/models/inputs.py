"""The inputs that a version of a model declares: their names, order and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import Signatures
from nrti_cli.tables.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


def inputs_of(target: Target, model: PublishedModel) -> Schema | None:
    """The inputs of the version in service; None if none are declared.

    Raises:
        NrtiError: the declaration cannot be parsed.
    """
    return inputs_of_version(target, model.name, model.config)


def inputs_of_version(target: Target, model: str, publication: str) -> Schema | None:
    """The inputs of a publication, by its name or by the version in which that ends.

    Raises:
        NrtiError: the declaration cannot be parsed.
    """
    return declared_inputs(Signatures(target, model).stored(publication), model)


def declared_inputs(signature: Mapping[str, Any], model: str) -> Schema | None:
    """The inputs in a signature; None if it has none.

    Raises:
        NrtiError: they cannot be parsed.
    """
    try:
        return Schema.of(signature["inputs"]) if "inputs" in signature else None
    except (ValueError, TypeError, AttributeError) as error:
        raise NrtiError(
            f"the declared inputs of {model} cannot be parsed", hint="publish the model again"
        ) from error
