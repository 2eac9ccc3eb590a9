"""Moves an endpoint to another configuration, and waits for SageMaker to complete it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.cloudwatch.log_events import LogGroup
from nrti_cli.aws.sagemaker.endpoints import BUSY, Endpoint, SageMaker
from nrti_cli.errors import NrtiError
from nrti_cli.models.endpoint import IN_SERVICE
from nrti_cli.models.naming import tags
from nrti_cli.models.polling import poll
from nrti_cli.stack.names import endpoint_log_group, endpoint_name

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep
    from nrti_cli.models.publication.smoke import EndpointTest

_CAUSE_CHARACTERS = 300
_POLLS, _PAGES = 6, 20
#: The last line of a traceback, and pip's: `ModuleNotFoundError: No module named 'x'`. Classes of packages
#: may have any ending, such as `onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: …`.
ERROR = re.compile(r"([\w.]*(Error|Exception|Warning)|ERROR|(\w+\.)+[A-Z]\w*): ")


class Rollout:
    """The operations on one endpoint.

    Args:
        target: the AWS.
        model: the model's name, without the stack's.
        progress: shows the endpoint's status.
        sleep: sleeps between two polls.
        endpoint: its name, if it is not the model's own.

    Attributes:
        endpoint: its name.
        begun: whether SageMaker is working on a configuration.
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
        """The location of its log, for messages."""
        return f"its log is in CloudWatch, group {endpoint_log_group(self.endpoint)}"

    def trial(self, name: str) -> Rollout:
        """The operations on a temporary endpoint for the same model."""
        return Rollout(self._target, self._model, self._progress, self._sleep, name)

    def settled(self) -> Endpoint | None:
        """The endpoint, once no operation is in progress; None if it does not exist."""
        states = poll(lambda: self._client.endpoint(self.endpoint), self._target, self._sleep)
        for state, seconds in states:
            if state is None or state.status not in BUSY:
                break
            self._progress.update(f"endpoint {self.endpoint}: {state.status}, {seconds:.0f} s")
        return state

    def begin(self, config: str) -> None:
        """Starts bringing a configuration into service; the previous one serves until then.

        Raises:
            NrtiError: another operation is in progress, or a quota of the account is exhausted.
        """
        present = self.settled()
        if present and present.status == "Failed":
            # It cannot be updated, and is of no use.
            self.remove()
            present = None
        self.begun = True  # even if an interrupt loses the response
        try:
            if present:
                self._client.update_endpoint(self.endpoint, config)
            else:
                self.create(config)
        except (ClientError, NrtiError):
            self.begun = False
            raise

    def create(self, config: str) -> None:
        """Starts the creation of the endpoint.

        Raises:
            NrtiError: it exists already, or a quota of the account is exhausted.
        """
        self._client.create_endpoint(self.endpoint, config, tags(self._target.stack, self._model))

    def remove(self, *, wait: bool = True) -> None:
        """Deletes the endpoint."""
        self._client.delete_endpoint(self.endpoint)
        if wait:
            self.settled()

    def shortcoming(self, config: str) -> str | None:
        """Waits for the configuration that was started.

        Returns:
            Why it is not in service, or None.
        """
        state = self.settled()
        if state is None:
            return "another user deleted it"
        if state.status != IN_SERVICE:
            return f"it is {state.status}, {_reason(state) or 'without a reason'}{self._cause()}"
        if state.config != config:
            # AWS rolls back by itself when an update fails.
            return f"{_reason(state) or 'the new model did not come into service'}{self._cause()}"
        return None

    def _cause(self) -> str:
        """The last error in the logs of its containers, as far as they can be read; lines may come late."""
        group = LogGroup(self._target, endpoint_log_group(self.endpoint))
        try:
            for causes, _ in islice(
                poll(lambda: _errors(group, self._since), self._target, self._sleep), _POLLS
            ):
                if causes:
                    return f": {causes[-1][:_CAUSE_CHARACTERS]}"
        except ClientError:
            pass
        return ""

    def defect(self, question: EndpointTest) -> str | None:
        """What is wrong with the responses of the endpoint in service, or None."""
        return question.defect(self._target, self.endpoint, self._progress, self._sleep, self._cause)

    def serves(self, config: str) -> bool:
        """Whether the endpoint is in service with a configuration, once no operation is in progress."""
        state = self.settled()
        return state is not None and state.status == IN_SERVICE and state.config == config


def _reason(state: Endpoint) -> str:
    return " ".join(state.reason.split()).rstrip(".")


def _errors(group: LogGroup, since: datetime) -> list[str]:
    """The lines with errors."""
    lines = (logged.message.strip() for logged in group.since(since, most_pages=_PAGES))
    return [line for line in lines if ERROR.match(line)]
