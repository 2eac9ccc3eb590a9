"""The options that declare a model's signature."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

#: The largest number that JSON and DynamoDB can store.
_LARGEST = 1e125


def _option(text: str, metavar: str = "TEXT", **bounds: Any) -> Any:
    return typer.Option(help=text, metavar=metavar, **bounds)


ContentTypeOption = Annotated[
    str | None,
    _option("Content type of requests: application/json, application/jsonlines or text/csv.", "TYPE"),
]
AcceptOption = Annotated[
    str | None,
    _option("Content type of responses: application/json, application/jsonlines or text/csv.", "TYPE"),
]
ContentTemplateOption = Annotated[
    str | None,
    _option("Template of a request: JSON with $records.", "JSON"),
]
RecordTemplateOption = Annotated[
    str | None,
    _option("Template of a row in a request: JSON with $features.", "JSON"),
]
LabelOption = Annotated[
    str | None,
    _option("Location of the labels in the response: a JMESPath, or a CSV column.", "PATH"),
]
ProbabilityOption = Annotated[
    str | None,
    _option("Location of the probabilities, of a failure or of each label.", "PATH"),
]
ScoreOption = Annotated[
    str | None,
    _option("Location of unbounded scores.", "PATH"),
]
ThresholdOption = Annotated[
    float | None,
    _option(
        "Rows with this probability or score, or a higher one, are failures.",
        "NUMBER",
        min=-_LARGEST,
        max=_LARGEST,
    ),
]
FailureLabelsOption = Annotated[
    str | None,
    _option("Labels that mean a failure, as a,b.", "LABELS"),
]
LabelHeadersOption = Annotated[
    str | None,
    _option("Labels in the order of their probabilities, as a,b,c.", "LABELS"),
]


@dataclass(frozen=True)
class SignatureOptions:
    """The options that declare a signature, None if not given."""

    content_type: ContentTypeOption = None
    accept: AcceptOption = None
    content_template: ContentTemplateOption = None
    record_template: RecordTemplateOption = None
    label: LabelOption = None
    probability: ProbabilityOption = None
    score: ScoreOption = None
    threshold: ThresholdOption = None
    failure_labels: FailureLabelsOption = None
    label_headers: LabelHeadersOption = None

    def document(self) -> dict[str, Any]:
        """The declared signature, without the options that were not given."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        for name in ("failure_labels", "label_headers"):
            if text := given.pop(name, None):
                given[name] = [each.strip() for each in text.split(",")]
        return given
