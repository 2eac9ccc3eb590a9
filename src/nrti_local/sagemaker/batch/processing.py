"""DataProcessing: what of a record reaches the model, and what becomes of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.batch import formats
from nrti_local.sagemaker.batch.jsonpath import FilterError, compiled
from nrti_local.sagemaker.batch.records import RecordError
from nrti_local.sagemaker.store import Document

_ALL = "$"
#: What a script answers that is not asked for anything else.
_ANSWERED = "application/json"


@dataclass(frozen=True)
class Processing:
    """The filters of a job.

    Attributes:
        content_type: of the input.
        accept: of the model's answers.
        input: takes the model's part of a record.
        output: takes the part of the result that is kept.
        join: whether the record is put beside the answer first.
    """

    content_type: str
    accept: str
    input: str
    output: str
    join: bool

    @classmethod
    def of(cls, job: Document) -> Processing:
        """That of a job."""
        asked = job.get("DataProcessing", {})
        content_type = job["TransformInput"].get("ContentType", "")
        return cls(
            content_type=content_type,
            accept=job["TransformOutput"].get("Accept") or _ANSWERED,
            input=asked.get("InputFilter", _ALL),
            output=asked.get("OutputFilter", _ALL),
            join=asked.get("JoinSource") == "Input",
        )

    def check(self) -> None:
        """Refuses filters that could never work.

        Raises:
            FilterError: an expression cannot be read, or the content type is none that it can read.
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

    def model_s(self, record: bytes) -> bytes:
        """What of a record the model gets.

        Raises:
            RecordError: the record is not of the content type.
            FilterError: the filter finds nothing in it.
        """
        if self.input == _ALL:
            return record
        return self._format(self.content_type).write(compiled(self.input)(self._read(record)))

    def kept(self, records: list[bytes], answer: bytes) -> bytes:
        """What becomes of the answer to some records: itself, or a line for each result.

        Raises:
            RecordError: it has not as many results as there are records.
            FilterError: the filter finds nothing in one.
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
        assert found is not None  # noqa: S101 - `check` has seen to it
        return found
