"""DataProcessing: filters the model's input and output, and joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.batch import formats
from nrti_local.sagemaker.batch.jsonpath import FilterError, compiled
from nrti_local.sagemaker.batch.records import RecordError
from nrti_local.sagemaker.store import Document

_ALL = "$"
#: The default content type of responses.
_ANSWERED = "application/json"


@dataclass(frozen=True)
class Processing:
    """The filters of a job.

    Attributes:
        content_type: the content type of the input.
        accept: the content type of the model's answers.
        input: the expression that selects the model's input from a record.
        output: the expression that selects the output from a result.
        join: whether a result is the record joined with the answer.
    """

    content_type: str
    accept: str
    input: str
    output: str
    join: bool

    @classmethod
    def of(cls, job: Document) -> Processing:
        """Returns the processing of a job."""
        request = job.get("DataProcessing", {})
        content_type = job["TransformInput"].get("ContentType", "")
        return cls(
            content_type=content_type,
            accept=job["TransformOutput"].get("Accept") or _ANSWERED,
            input=request.get("InputFilter", _ALL),
            output=request.get("OutputFilter", _ALL),
            join=request.get("JoinSource") == "Input",
        )

    def check(self) -> None:
        """Checks that the filters can work.

        Raises:
            FilterError: an expression is not valid, or the content type cannot be filtered.
        """
        for expression in (self.input, self.output):
            compiled(expression)
        read = ([self.content_type] if self.join or self.input != _ALL else []) + (
            [self.accept] if self._reads_answers else []
        )
        for content_type in read:
            if formats.named(content_type) is None:
                raise FilterError(
                    f"DataProcessing reads {', '.join(formats.FORMATS)}; the job has "
                    f"{content_type or 'no content type'}"
                )
        if self.join and formats.named(self.content_type) != formats.named(self.accept):
            raise FilterError(
                "JoinSource needs input and output of one format: ContentType and Accept differ"
            )

    @property
    def _reads_answers(self) -> bool:
        return self.join or self.output != _ALL

    def model_input(self, record: bytes) -> bytes:
        """Returns the model's input for a record.

        Raises:
            RecordError: the record is not of the content type.
            FilterError: the filter does not match.
        """
        if self.input == _ALL:
            return record
        return self._format(self.content_type).write(compiled(self.input)(self._read(record)))

    def assemble(self, records: list[bytes], answer: bytes) -> bytes:
        """Returns the output for some records: the answer itself, or a line for each result.

        Raises:
            RecordError: the numbers of results and records differ.
            FilterError: the filter does not match.
        """
        if not self._reads_answers:
            return answer
        written = self._format(self.accept)
        answers = written.read(answer)
        if self.join and len(answers) != len(records):
            raise RecordError(f"cannot join {len(records)} records and {len(answers)} results")
        results = self._joined(records, answers) if self.join else answers
        return b"\n".join(written.write(compiled(self.output)(result)) for result in results)

    def _joined(self, records: list[bytes], answers: list[Any]) -> list[Any]:
        join = self._format(self.content_type).join
        return [join(self._read(record), one) for record, one in zip(records, answers, strict=True)]

    def _read(self, record: bytes) -> Any:
        try:
            (read,) = self._format(self.content_type).read(record)
        except ValueError as error:
            raise RecordError(f"a record is not {self.content_type}") from error
        return read

    def _format(self, content_type: str) -> formats.Csv | formats.Json:
        found = formats.named(content_type)
        assert found is not None  # noqa: S101 - `check` ensures it
        return found
