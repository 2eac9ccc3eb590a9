"""The shadows of models: a shadow also scores all events of its model.

The inference function reads it: `shadows/<model>.json` in the artifacts bucket names the shadow of a model.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from nrti_cli.aws.s3.objects import S3, MissingBucketError
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.endpoint import find
from nrti_cli.stack.names import artifacts_bucket, endpoint_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel

_PREFIX = "shadows/"
#: Seconds until the inference function notices a change.
NOTICED_SECONDS = 10


class Shadows:
    """The shadows of a stack's models.

    Args:
        target: the AWS.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    @cached_property
    def _s3(self) -> S3:
        return S3(self._target)

    @cached_property
    def _bucket(self) -> str:
        return artifacts_bucket(self._target)

    def all(self) -> dict[str, str]:
        """The shadows by the models that they shadow."""
        try:
            keys = list(self._s3.keys(self._bucket, _PREFIX))
        except MissingBucketError:  # what is left of a stack that was deleted
            return {}
        models = [key.removeprefix(_PREFIX).removesuffix(".json") for key in keys]
        found = {model: self.of(model) for model in models}
        return {model: shadow for model, shadow in found.items() if shadow}

    def of(self, model: str) -> str:
        """The shadow of a model, or an empty text."""
        try:
            shadow = json.loads(self._s3.get(f"s3://{self._bucket}/{_key(model)}"))["shadow"]
            return shadow if isinstance(shadow, str) else ""
        except (NrtiError, LookupError, TypeError, ValueError):
            return ""

    def shadowed_by(self, shadow: str) -> str:
        """The model that a model shadows.

        Raises:
            UsageError: the name is not valid for a model.
            NrtiError: it shadows none.
        """
        endpoint_name(self._target.stack, shadow)
        for model, its_shadow in self.all().items():
            if its_shadow == shadow:
                return model
        raise NrtiError(
            f"model {shadow!r} shadows no other",
            hint=f"nrti deploy-model --name {shadow} --shadow-of MODEL makes it a shadow",
        )

    def require(self, model: str, shadow: str) -> None:
        """Checks that a model can have a shadow of a name.

        Raises:
            UsageError: it would be its own.
            NrtiError: the model is not in service, or the shadow is that of another one.
        """
        if model == shadow:
            raise UsageError(
                f"model {model!r} cannot be its own shadow", hint="give the shadow another --name"
            )
        for shadowed, its_shadow in self.all().items():
            if its_shadow == shadow and shadowed != model:
                raise NrtiError(
                    f"model {shadow!r} is the shadow of {shadowed!r} already",
                    hint=f"nrti models end-shadow {shadow} ends that",
                )
        find(self._target, model)

    def begin(self, model: str, shadow: str) -> str:
        """Makes a model the only shadow of another; returns the former one."""
        former = self.of(model)
        self._s3.put(self._bucket, _key(model), json.dumps({"shadow": shadow}).encode())
        return former if former != shadow else ""

    def end(self, model: str) -> None:
        """Ends the shadow of a model; what it has predicted is kept."""
        self._s3.delete(self._bucket, [_key(model)])

    def around(self, model: str) -> dict[str, str]:
        """The shadow of a model, and the model as the shadow of others, by the shadowed models."""
        return {shadowed: shadow for shadowed, shadow in self.all().items() if model in {shadowed, shadow}}


def with_shadows(target: Target, models: Sequence[PublishedModel]) -> list[PublishedModel]:
    """The models, each with the one that it shadows."""
    shadowed = {shadow: model for model, shadow in Shadows(target).all().items()} if models else {}
    return [replace(model, shadow_of=shadowed.get(model.name, "")) for model in models]


def _key(model: str) -> str:
    return f"{_PREFIX}{model}.json"
