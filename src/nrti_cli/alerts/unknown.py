"""Finds sensors and models of rules that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.aws.dynamodb.items import PredictionItems
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.stack.names import endpoint_name
from nrti_cli.stack.outputs import outputs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nrti_cli.aws.target import Target
    from nrti_cli.remote.alerts_function.rules import Rule


def unknown(target: Target, rules: Iterable[Rule]) -> list[str]:
    """The sensors without a prediction and the models without an endpoint, such as `sensor robot-7`.

    Raises:
        UsageError: a name is not valid for a model.
    """
    rules = list(rules)
    items, sagemaker = PredictionItems(target, outputs(target).table), SageMaker(target)
    sensors = dict.fromkeys(rule.sensor for rule in rules if rule.sensor)
    models = dict.fromkeys(rule.model for rule in rules if rule.model)
    return [
        *(f"sensor {name}" for name in sensors if not items.latest_of_sensor(name, 1)),
        *(f"model {name}" for name in models if not sagemaker.endpoint(endpoint_name(target.stack, name))),
    ]
