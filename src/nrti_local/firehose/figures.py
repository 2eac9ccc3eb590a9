"""The metrics of Firehose for a buffer that was delivered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Delivered:
    """What became of a buffer.

    Attributes:
        records: that were read from the stream.
        rows: in the object that was written.
        failed: rows that could not be converted; None if the delivery stream converts nothing.
        age: of the oldest record, in seconds.
    """

    records: int
    rows: int
    failed: int | None
    age: float

    def metrics(self) -> dict[str, float]:
        """The values by the names of the metrics in the namespace AWS/Firehose."""
        found = {
            "DataReadFromKinesisStream.Records": self.records,
            "DeliveryToS3.Records": self.rows,
            "DeliveryToS3.Success": 1,
            "DeliveryToS3.DataFreshness": self.age,
        }
        if self.failed is not None:
            found |= {"FailedConversion.Records": self.failed, "SucceedConversion.Records": self.rows}
        return found
