"""Moves an endpoint from configuration to configuration, and waits for what SageMaker makes of it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.logevents import LogGroup
from nrti_cli.aws.sagemaker import BUSY, Endpoint, SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import IN_SERVICE
from nrti_cli.models.naming import tags
from nrti_cli.models.polling import looks
from nrti_cli.stack.names import endpoint_log_group, endpoint_name

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep
    from nrti_cli.models.smoke import Question

_CAUSE_CHARACTERS = 300
_LOOKS, _PAGES = 6, 20
#: The last line of a traceback, and pip's: `ModuleNotFoundError: No module named 'x'`; classes of packages
#: may end in anything, as `onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: …` does.
ERROR = re.compile(r"([\w.]*(Error|Exception|Warning)|ERROR|(\w+\.)+[A-Z]\w*): ")


class Rollout:
    """What is done to one endpoint.

    Args:
        target: where.
        model: the model's name, without the stack's.
        progress: shows the endpoint's status.
        sleep: waits between two looks.
        endpoint: its name, if it is not the model's own.

    Attributes:
        endpoint: its name.
        begun: whether SageMaker works on a configuration that it was given.
    """

    def __init__(
        self,
        target: Target,
        model: str,
        progress: Progress,
        sleep: Sleep = time.sleep,
        endpoint: str = "",
    ) -> None:
        self.endpoint = endpoint or endpoint_name(target.stack, model)
        self.begun = False
        self._target = target
        self._model = model
        self._client = SageMaker(target)
        self._progress = progress
        self._sleep = sleep
        self._since = datetime.now(UTC)

    @property
    def log(self) -> str:
        """Where its containers log, for people."""
        return f"its log is in CloudWatch, group {endpoint_log_group(self.endpoint)}"

    def trial(self, name: str) -> Rollout:
        """That of a temporary endpoint for the same model."""
        return Rollout(self._target, self._model, self._progress, self._sleep, name)

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
                self.create(config)
        except (ClientError, NrtiError):
            self.begun = False
            raise

    def create(self, config: str) -> None:
        """Makes SageMaker create the endpoint.

        Raises:
            NrtiError: it is there already, or the account is at a limit.
        """
        self._client.create_endpoint(self.endpoint, config, tags(self._target.stack, self._model))

    def remove(self, *, wait: bool = True) -> None:
        """Deletes the endpoint."""
        self._client.delete_endpoint(self.endpoint)
        if wait:
            self.settled()

    def shortcoming(self, config: str) -> str | None:
        """Waits for a configuration that was begun.

        Returns:
            Why it does not serve, or None.
        """
        state = self.settled()
        if state is None:
            return "it was deleted by somebody else"
        if state.status != IN_SERVICE:
            return f"it is {state.status}, {_reason(state) or 'for no reason given'}{self._cause()}"
        if state.config != config:
            # As AWS goes back by itself when an update fails.
            return f"{_reason(state) or 'the new model did not come into service'}{self._cause()}"
        return None

    def _cause(self) -> str:
        """The last error that its containers have logged, as far as it can be read; lines come late."""
        group = LogGroup(self._target, endpoint_log_group(self.endpoint))
        try:
            for causes, _ in islice(
                looks(lambda: _errors(group, self._since), self._target, self._sleep), _LOOKS
            ):
                if causes:
                    return f": {causes[-1][:_CAUSE_CHARACTERS]}"
        except ClientError:
            pass
        return ""

    def defect(self, question: Question) -> str | None:
        """What is wrong with the answer of the endpoint, which is in service, or None."""
        return question.defect(self._target, self.endpoint, self._progress, self._sleep, self._cause)

    def serves(self, config: str) -> bool:
        """Whether the endpoint is in service with a configuration, as soon as nothing is being done to it."""
        state = self.settled()
        return state is not None and state.status == IN_SERVICE and state.config == config


def _reason(state: Endpoint) -> str:
    return " ".join(state.reason.split()).rstrip(".")


def _errors(group: LogGroup, since: datetime) -> list[str]:
    """The lines that say what went wrong."""
    lines = (logged.message.strip() for logged in group.since(since, most_pages=_PAGES))
    return [line for line in lines if ERROR.match(line)]
