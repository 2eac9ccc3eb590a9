"""Why the pipeline makes an event a dead letter."""

#: Those that have a name of the pipeline's own; an error code of SageMaker or Step Functions is one too.
REASONS = (
    "BadAnswer",
    "EndpointBusy",
    "EndpointUnavailable",
    "FunctionFailed",
    "InvalidData",
    "InvalidEvent",
    "ModelError",
    "UnknownModel",
    "Unprocessed",
    "Unreadable",
)
