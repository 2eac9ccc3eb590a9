"""An attempt to make an endpoint serve an artifact, which is undone if it fails.

An endpoint in service is updated to the new version only after that was tested at a temporary endpoint, which
has the name of the new configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import explain
from nrti_cli.aws.sagemaker.endpoints import Endpoint, EndpointConfig, LimitError, SageMaker, Serverless
from nrti_cli.errors import NrtiError
from nrti_cli.models.documents import References, Signatures
from nrti_cli.models.endpoint import (
    IN_SERVICE,
    LENGTH_TAG,
    SOURCE_TAG,
)
from nrti_cli.models.image import image_uri
from nrti_cli.models.leftovers import Leftovers
from nrti_cli.models.naming import MODEL_TAG, is_resource_of, resource_name, tags, variant_name
from nrti_cli.models.publication.pruning import discard, prune
from nrti_cli.models.publication.settings import PublishSettings
from nrti_cli.models.publication.smoke import EndpointTest
from nrti_cli.models.publication.source import ModelSource, deploying
from nrti_cli.models.publication.tagging import description
from nrti_cli.models.signature import answers

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.publication.rollout import Rollout
    from nrti_cli.stack.outputs import Outputs

_SCRIPT_MODE = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    # The container runs pip for the code directory at every start; this avoids a download.
    "PIP_NO_BUILD_ISOLATION": "0",
    # For a single row, starting threads takes longer than predicting.
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class _Former:
    """What was in service before.

    Attributes:
        config: its configuration.
        origin: of the published model.
        length: of its sequences; None if nrti did not publish it.
    """

    config: str
    origin: str
    length: int | None

    @classmethod
    def of(cls, endpoint: Endpoint | None, config: EndpointConfig | None) -> _Former | None:
        """What an endpoint serves; None if nothing. The configuration itself may have been deleted."""
        if endpoint is None or endpoint.status != IN_SERVICE:
            return None
        tags = config.tags if config else {}
        length = int(tags[LENGTH_TAG]) if LENGTH_TAG in tags else None
        return cls(endpoint.config, tags.get(SOURCE_TAG) or endpoint.config, length)


class _TrialError(NrtiError):
    """The responses of a version are wrong."""


class Publication:
    """An attempt to make an endpoint serve an artifact.

    Attributes:
        left: what is left behind if it ends now.
    """

    def __init__(
        self, target: Target, stack: Outputs, model: str, source: ModelSource, rollout: Rollout
    ) -> None:
        self.left = Leftovers("and nothing was changed")
        self._target = target
        self._role = stack.sagemaker_role_arn
        self._model = model
        self._source = source
        self._rollout = rollout
        self._client = SageMaker(target)
        self._signatures, self._references = Signatures(target, model), References(target, model)
        self._name = resource_name(target.stack, model)
        self._abandoned = False
        self._what = f"endpoint {rollout.endpoint}"
        self._again = deploying(model, source.origin)
        self._question = EndpointTest(
            stack.inference_function,
            answers(source.signature),
            source.rows,
            real=bool(source.sample),
            known="nrti" in source.metadata.versions,
        )

    def run(self, settings: PublishSettings, progress: Progress) -> bool:
        """Publishes the artifact; returns whether anything had to be done. Warns producers beforehand."""
        present = self._rollout.settled()
        config = self._client.endpoint_config(present.config) if present else None
        if present and not settings.adopt:
            self._require_ours(present, config)
        image, serverless = image_uri(self._target, self._source.image), settings.serverless(config)
        former = _Former.of(present, config)
        if former and config and self._is_served_by(config, image, serverless):
            self._try_again()
            return False
        if former:
            self._warn_of_length(former, progress)
        with self._undoing():
            self._create(image, serverless)
            tried = former is not None and self._try_beside(former, progress)
            self.left = Leftovers(
                f"but SageMaker continues to make {self._what} serve {self._source.origin}",
                f"{self._again} waits for it and tests it",
            )
            self._rollout.begin(self._name)
        reason = self._rollout.shortcoming(self._name)
        if not reason and not tried:
            reason = self._rollout.defect(self._question)
        if reason:
            raise self._undone(former, f"{self._what} does not serve {self._source.shown}: {reason}")
        return True

    def _require_ours(self, present: Endpoint, config: EndpointConfig | None) -> None:
        ours = config is not None and config.tags.get(MODEL_TAG) == self._model
        if not ours and not is_resource_of(present.config, self._target.stack, self._model):
            raise NrtiError(
                f"nrti did not publish what {self._what} serves", hint="pass --adopt to replace it"
            )

    def _is_served_by(self, config: EndpointConfig, image: str, serverless: Serverless) -> bool:
        return (
            config.serverless == serverless
            and self._client.served(config.model) == (image, self._source.artifact)
            and self._signatures.stored(config.name) == self._source.signature
        )

    def _warn_of_length(self, former: _Former, progress: Progress) -> None:
        length = self._source.length
        if length is not None and former.length not in {None, length}:
            progress.log(
                f"[yellow]{self._model} takes sequences of {length} from now on, "
                f"no longer of {former.length}: events that have those will be dead letters[/yellow]"
            )

    def _try_again(self) -> None:
        """Tests an artifact that is in service already: its publication may have been interrupted."""
        reason = self._rollout.defect(self._question)
        if reason:
            raise NrtiError(
                f"{self._what} serves {self._source.origin} already, but {reason}", hint=self._rollout.log
            )

    @contextmanager
    def _undoing(self) -> Iterator[None]:
        """Deletes the new resources if something fails before the endpoint was updated."""
        try:
            yield
        except BaseException as error:
            if not self._rollout.begun:
                self._discard()
            if isinstance(error, _TrialError):
                raise
            if isinstance(error, NrtiError):
                # Not a new training.
                hint = ", then ".join(filter(None, (error.hint, self._again)))
                raise NrtiError(error.message, hint=hint) from error
            raise

    def _create(self, image: str, serverless: Serverless) -> None:
        """Creates a SageMaker model and an endpoint configuration of one name, and their documents."""
        owner, signature = tags(self._target.stack, self._model), self._source.signature
        if signature:
            self._signatures.store(self._name, signature)
        if reference := self._source.metadata.reference:
            self._references.store(self._name, reference)
        self._client.create_model(
            self._name,
            image=image,
            artifact=self._source.artifact,
            role=self._role,
            environment=_SCRIPT_MODE if self._source.metadata.handlers is not None else {},
            tags=owner,
        )
        self._client.create_endpoint_config(
            self._name,
            model=self._name,
            variant=variant_name(self._name, declared=bool(answers(signature))),
            serverless=serverless,
            tags=owner | description(self._source),
        )

    def _try_beside(self, former: _Former, progress: Progress) -> bool:
        """Tests the new version at a temporary endpoint, which is deleted afterwards in any case.

        Returns:
            False if the account's quotas have no room for it.

        Raises:
            _TrialError: its responses are wrong; the model's own endpoint is unchanged.
        """
        trial = self._rollout.trial(self._name)
        try:
            trial.create(self._name)
            reason = trial.shortcoming(self._name) or trial.defect(self._question)
        except LimitError as error:
            progress.log(f"it is tested after it goes into service, not before: {error.message}")
            return False
        except BaseException:
            self._abandon(trial)
            raise
        trial.remove(wait=reason is not None)
        if reason:
            raise _TrialError(
                f"{self._what} does not serve {self._source.shown}: {reason}; "
                f"it serves {former.origin} as before",
                hint=trial.log,
            )
        return True

    def _abandon(self, trial: Rollout) -> None:
        """Deletes a temporary endpoint; SageMaker refuses that while it is being created."""
        try:
            trial.remove()
        except ClientError:
            self._abandoned = True

    def _discard(self) -> None:
        if self._abandoned:
            self.left = Leftovers(
                f"but the temporary endpoint {self._name} is left, with its configuration and model",
                f"the next publication of {self._model} deletes it, or nrti models delete {self._model}",
            )
            return
        self.left = Leftovers(f"but configuration and model {self._name} may be left")
        discard(self._client, self._signatures, self._name)
        self.left = Leftovers("and nothing was changed")

    def _undone(self, former: _Former | None, failure: str) -> NrtiError:
        """The failure as an error, with what is in service now."""
        left = f"configuration and model {self._name} are left"
        self.left = Leftovers(f"but {failure}; {left}", "nrti models shows its status")
        state, hint = self._rollout.settled(), self._rollout.log
        if state is None:
            outcome = "another user deleted it"
        elif state.config not in {self._name, former.config if former else self._name}:
            outcome = f"another user put {state.config} into service"
            hint = f"to put yours into service, {self._again}"
        elif former:
            self._go_back(former, failure, left)
            outcome = f"it serves {former.origin} as before"
        else:
            self._rollout.remove()
            outcome = "it was deleted, its configuration and model too"
        self._discard()
        return NrtiError(f"{failure}; {outcome}", hint=hint)

    def _go_back(self, former: _Former, failure: str, left: str) -> None:
        """Makes the endpoint serve the former version, unless SageMaker has rolled back by itself."""
        if self._rollout.serves(former.config):
            return
        reason = ""
        try:
            self._rollout.begin(former.config)
            self.left = Leftovers(
                f"but {failure}; SageMaker rolls it back to {former.origin}, {left}", self.left.hint
            )
        except (ClientError, NrtiError) as error:
            reason = f", {error}"
        if reason or not self._rollout.serves(former.config):
            again = deploying(self._model, former.origin)
            raise NrtiError(
                f"{failure}; the rollback to {former.origin} failed too{reason}", hint=f"run {again}"
            )

    def prune(self, keep: int, progress: Progress) -> None:
        """Deletes older publications; a failure does not affect the new one."""
        self.left = Leftovers(f"but {self._what} serves {self._source.origin}")
        try:
            gone = prune(self._target, self._model, self._name, keep)
        except ClientError as error:
            progress.log(f"older configurations and models of {self._what} are left: {explain(error)}")
        else:
            if gone:
                progress.log(f"deleted {len(gone)} older configurations with their models, kept {keep}")
