"""The smoke invocation: whether an endpoint that is in service answers as a model of nrti does."""

from __future__ import annotations

import json
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.sagemaker_runtime import InvocationError, invoke
from nrti_cli.models.polling import looks

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep

#: A serverless endpoint that nobody asked for a while refuses requests until its model is loaded.
_ATTEMPTS = 12


def defect(
    target: Target, endpoint: str, length: int, progress: Progress, sleep: Sleep = time.sleep
) -> str | None:
    """Asks an endpoint about one sequence of zeros.

    Args:
        target: where.
        endpoint: its name.
        length: how many values its model takes.
        progress: told that it is being asked.
        sleep: waits until it is asked again if it is busy.

    Returns:
        What is wrong with the answer, or None.
    """
    reason: str | None = None
    for failure, seconds in islice(looks(lambda: _ask(target, endpoint, length), target, sleep), _ATTEMPTS):
        progress.update(f"endpoint {endpoint}: trying it, {seconds:.0f} s")
        reason = str(failure) if failure else None
        if failure is None or not failure.passing:
            break
    return reason


def _ask(target: Target, endpoint: str, length: int) -> InvocationError | None:
    try:
        body = invoke(target, endpoint, [[0.0] * length])
    except InvocationError as error:
        return error
    wrong = _wrong(body)
    return InvocationError(wrong, passing=False) if wrong else None


def _wrong(body: bytes) -> str | None:
    """What an answer to one sequence lacks of `{"predictions": [{"prediction": 0, "probability": 0.1}]}`."""
    try:
        (prediction,) = json.loads(body)["predictions"]
        if "error" in prediction:
            return f"the model refuses a sequence of zeros of its own length: {prediction['error']}"
        if _is_judgement(prediction):
            return None
    except (ValueError, KeyError, TypeError):
        pass
    return f"its answer is not that of a model of nrti: {body[:100].decode(errors='replace')!r}"


def _is_judgement(prediction: dict[str, Any]) -> bool:
    return prediction["prediction"] in {0, 1} and 0 <= prediction["probability"] <= 1
