"""The messages for SageMaker's operations that the embedded AWS does not have."""

from __future__ import annotations

_HAS = "it has training jobs, batch transform, models and endpoints"
#: Alternatives, by a part of the operation's name.
_INSTEAD = {
    "HyperParameterTuningJob": "start a training job for each set of hyperparameters",
    "AutoMLJob": "start training jobs",
    "ProcessingJob": "run the script by itself, with AWS_ENDPOINT_URL in its environment",
    "Pipeline": "start the steps one after the other",
    "InferenceComponent": "name the model in the endpoint configuration",
    "ModelPackage": "create a model of the artifact",
    "Search": "use the List operations",
}


def text(operation: str) -> str:
    """Returns the message for an operation, with an alternative."""
    instead = next((words for part, words in _INSTEAD.items() if part in operation), _HAS)
    return f"{operation} is not in the embedded AWS; {instead}."
