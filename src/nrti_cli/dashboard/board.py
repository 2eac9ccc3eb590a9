"""The state behind the page: counts, stages and details, each read only while a browser asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.addressing import located
from nrti_cli.dashboard import details
from nrti_cli.dashboard.counting import Cost, Counting
from nrti_cli.dashboard.lookup import Lookup, News
from nrti_cli.dashboard.production import Production
from nrti_cli.dashboard.shared import Shared
from nrti_cli.dashboard.threads import in_thread
from nrti_cli.dashboard.thresholds import thresholds
from nrti_cli.stack.health import delivery_time, health
from nrti_cli.stack.outputs import outputs
from nrti_cli.stack.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.aws.target import Target
    from nrti_cli.dashboard.views import Choice
    from nrti_cli.stack.outputs import Outputs

#: Seconds for which a question waits for something new.
_LONGEST_WAIT = 1.0
#: Seconds after a look at the stages until the next one, while a browser asks.
_STAGES_SECONDS = 10.0
#: The services that threads ask.
_SERVICES = (
    "athena", "s3", "dynamodb", "cloudwatch", "apigateway", "sqs", "kinesis", "logs", "sagemaker", "sts",
)  # fmt: skip


@dataclass(frozen=True)
class _Looked:
    """What a look at the stack found.

    Attributes:
        target: where it is now.
        stack: its outputs.
        stages: their states.
        delay: the longest time of a delivery to the lake, if it is another stack than before; else None.
    """

    target: Target
    stack: Outputs
    stages: Sequence[Stage]
    delay: timedelta | None


class Board:
    """The data of one page.

    Args:
        target: which pipeline.
        stack: its names.
    """

    def __init__(self, target: Target, stack: Outputs) -> None:
        self._target, self._stack = target, stack
        _make_clients(target)
        self._news, self._cost = News(), Cost()
        self._counting: Counting
        self._production = self._make_production()
        self._stages: list[dict[str, Any]] = []
        self._look = Lookup(self._look_at_stack, self._take_stack, self._news, retry=_STAGES_SECONDS)
        #: Answers of this moment, which several browsers may ask for.
        self._moment = (0, 0)
        self._answers: dict[tuple[Choice, int], Shared] = {}

    async def begin(self) -> None:
        """Begins to follow the stream."""
        self._counting = self._count(await in_thread(partial(delivery_time, self._target)))
        self._counting.begin()

    def close(self) -> None:
        """Ends what runs; those that wait for an answer get one."""
        self._counting.close()
        self._look.close()
        self._production.close()
        self._news.notify()

    async def changes(self, choice: Choice, after: str) -> Shared:
        """What changed after an answer; it waits a moment if nothing has.

        Args:
            choice: what is shown.
            after: the `version` of that answer; anything else asks for all.
        """
        self._look.ask()
        self._counting.ask(choice)
        if not self._counting.has_news(self._counting.known(after)):
            await self._news.wait(_LONGEST_WAIT)
        now = self._counting.now().timestamp()
        moment = self._news.count, int(now)
        if moment != self._moment:
            self._moment, self._answers = moment, {}
        known = self._counting.known(after)
        if (choice, known) not in self._answers:
            self._answers[choice, known] = Shared(self._answer(choice, known, now))
        return self._answers[choice, known]

    def _answer(self, choice: Choice, known: int, now: float) -> dict[str, Any]:
        found = self._counting.changes(choice, known, int(now))
        if self._target.name == "aws":
            found["history"] |= {"queries": self._cost.queries, "dollars": self._cost.dollars}
        return {**found, "now": round(now * 1000), "stages": self._shown_stages()}

    def _shown_stages(self) -> list[dict[str, Any]]:
        if problem := self._look.problem:
            return [_shown(Stage("stages", "failed", f"they cannot be read: {problem}"))]
        return self._stages

    async def production(self, choice: Choice) -> dict[str, Any]:
        """What is known of the models in production; it waits for the first look-ups, but not for long."""
        self._production.ask()
        found = self._production.document(choice)
        if not found["known"]:
            await self._news.wait(_LONGEST_WAIT)
            found = self._production.document(choice)
        return found

    async def thresholds(self, models: Sequence[tuple[str, str]]) -> list[float | None]:
        """The threshold of each model and version, None if it is not known."""
        known = await in_thread(partial(thresholds, self._target, models))
        return [known.get(model) for model in models]

    async def sensor(self, name: str) -> dict[str, Any]:
        """A sensor's latest predictions, its models and its silences."""
        return await in_thread(partial(details.of_sensor, self._target, self._stack.table, name))

    async def prediction(self, sensor: str, key: str) -> dict[str, Any] | None:
        """All that is known of a prediction."""
        look_up = partial(details.of_prediction, self._target, self._stack.table, sensor, key)
        return await in_thread(look_up)

    def _count(self, delay: timedelta) -> Counting:
        return Counting(self._target, self._stack.table_stream_arn, delay, self._news, self._cost)

    def _make_production(self) -> Production:
        return Production(self._target, self._stack.lake_bucket, self._news, self._cost)

    def _look_at_stack(self) -> _Looked:
        target = located(self._target)
        if target is not self._target:
            _make_clients(target)
        stack = outputs(target)
        stages = health(target, stack, calls=1)
        is_other = target is not self._target or stack.table_stream_arn != self._stack.table_stream_arn
        return _Looked(target, stack, stages, delivery_time(target) if is_other else None)

    def _take_stack(self, found: _Looked) -> float:
        self._stages = [_shown(stage) for stage in found.stages]
        if found.delay is not None:  # the stack was deleted and deployed again
            self._target, self._stack = found.target, found.stack
            self._counting.close()
            self._production.close()
            self._counting, self._production = self._count(found.delay), self._make_production()
            self._counting.begin()
        return _STAGES_SECONDS


def _make_clients(target: Target) -> None:
    """Making clients is not thread-safe; using them is."""
    for service in _SERVICES:
        target.client(service)


def _shown(stage: Stage) -> dict[str, Any]:
    return {
        "name": stage.name,
        "state": stage.state,
        "reason": stage.reason,
        "figures": dict(stage.figures),
    }
