"""Moves an endpoint from configuration to configuration, and waits for what SageMaker makes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.sagemaker import BUSY, Endpoint, SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import IN_SERVICE
from nrti_cli.models.naming import tags
from nrti_cli.models.polling import looks
from nrti_cli.models.smoke import defect
from nrti_cli.stack.names import endpoint_name

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep


class Rollout:
    """What is done to one endpoint.

    Attributes:
        endpoint: its name.
        begun: whether SageMaker works on a configuration that it was given.
    """

    def __init__(self, target: Target, model: str, progress: Progress, sleep: Sleep = time.sleep) -> None:
        self.endpoint = endpoint_name(target.stack, model)
        self.begun = False
        self._target = target
        self._model = model
        self._client = SageMaker(target)
        self._progress = progress
        self._sleep = sleep

    def settled(self) -> Endpoint | None:
        """The endpoint as soon as nothing is being done to it; None if there is none."""
        states = looks(lambda: self._client.endpoint(self.endpoint), self._target, self._sleep)
        for state, seconds in states:
            if state is None or state.status not in BUSY:
                break
            self._progress.update(f"endpoint {self.endpoint}: {state.status}, {seconds:.0f} s")
        return state

    def begin(self, config: str) -> None:
        """Makes SageMaker bring a configuration into service; the former one serves until it is.

        Raises:
            NrtiError: it is at work on another, or the account is at a limit.
        """
        present = self.settled()
        if present and present.status == "Failed":
            # It cannot be updated, and serves nobody.
            self.remove()
            present = None
        self.begun = True  # even if an interruption hides the answer
        try:
            if present:
                self._client.update_endpoint(self.endpoint, config)
            else:
                owner = tags(self._target.stack, self._model)
                self._client.create_endpoint(self.endpoint, config, owner)
        except (ClientError, NrtiError):
            self.begun = False
            raise

    def remove(self) -> None:
        """Deletes the endpoint."""
        self._client.delete_endpoint(self.endpoint)
        self.settled()

    def shortcoming(self, config: str, length: int) -> str | None:
        """Waits for a configuration that was begun, and tries it.

        Args:
            config: its name.
            length: how many values its model takes.

        Returns:
            Why it does not serve, or None.
        """
        state = self.settled()
        if state is None:
            return "it was deleted by somebody else"
        if state.status != IN_SERVICE:
            return f"it is {state.status}, {state.reason.rstrip('.') or 'for no reason given'}"
        if state.config != config:
            # As AWS goes back by itself when an update fails.
            return state.reason.rstrip(".") or "the new model did not come into service"
        return self.answer_defect(length)

    def answer_defect(self, length: int) -> str | None:
        """What is wrong with the answer of the endpoint, which is in service, or None."""
        return defect(self._target, self.endpoint, length, self._progress, self._sleep)

    def serves(self, config: str) -> bool:
        """Whether the endpoint is in service with a configuration, as soon as nothing is being done to it."""
        state = self.settled()
        return state is not None and state.status == IN_SERVICE and state.config == config
