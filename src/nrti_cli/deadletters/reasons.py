"""The reasons for which the pipeline dead-letters an event."""

#: Reasons with a name of the pipeline's own; error codes of SageMaker and Step Functions occur as well.
REASONS = (
    "BadAnswer",
    "EndpointBusy",
    "EndpointUnavailable",
    "FunctionFailed",
    "InvalidData",
    "InvalidEvent",
    "InvalidLabel",
    "ModelError",
    "OutOfTime",
    "UnknownModel",
    "Unprocessed",
    "Unreadable",
)
