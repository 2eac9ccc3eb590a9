"""The options by which a model's signature is declared, and what they say together."""

from typing import Annotated, Any

import typer

#: JSON and DynamoDB have none that are larger.
_LARGEST = 1e125


def _option(text: str, metavar: str = "TEXT", **bounds: Any) -> Any:
    return typer.Option(help=text, metavar=metavar, **bounds)


ContentTypeOption = Annotated[
    str | None,
    _option("How it is asked: application/json, application/jsonlines or text/csv.", "TYPE"),
]
AcceptOption = Annotated[
    str | None,
    _option("How it answers: application/json, application/jsonlines or text/csv.", "TYPE"),
]
ContentTemplateOption = Annotated[
    str | None,
    _option("The JSON of a request, with $records in it.", "JSON"),
]
RecordTemplateOption = Annotated[
    str | None,
    _option("The JSON of a row in a request, with $features in it.", "JSON"),
]
LabelOption = Annotated[
    str | None,
    _option("Where the answer has the labels: a JMESPath, or a column of CSV.", "PATH"),
]
ProbabilityOption = Annotated[
    str | None,
    _option("Where it has the probabilities of a failure, or of all labels.", "PATH"),
]
ScoreOption = Annotated[
    str | None,
    _option("Where it has numbers without bounds.", "PATH"),
]
ThresholdOption = Annotated[
    float | None,
    _option(
        "The probability or score from which on a row is a failure.", "NUMBER", min=-_LARGEST, max=_LARGEST
    ),
]
FailureLabelsOption = Annotated[
    str | None,
    _option("The labels that mean a failure, as a,b.", "LABELS"),
]
LabelHeadersOption = Annotated[
    str | None,
    _option("The labels in the order of their probabilities, as a,b,c.", "LABELS"),
]


def document(*, failure_labels: str | None, label_headers: str | None, **others: Any) -> dict[str, Any]:
    """What the options declare; what was not given is not in it."""
    lists = {"failure_labels": failure_labels, "label_headers": label_headers}
    split = {name: [each.strip() for each in text.split(",")] for name, text in lists.items() if text}
    return {name: value for name, value in others.items() if value is not None} | split
