"""A query execution: its record, and the transitions between its states."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

#: The StateChangeReason of a query that a client stopped.
CANCELLED = "Query was cancelled by user"
#: The StateChangeReason of a query that was running when the embedded AWS ended.
INTERRUPTED = "GENERIC_INTERNAL_ERROR: The embedded AWS ended before the query was finished"
#: The SubstatementTypes of statements that write files.
_WRITING = {"CREATE_TABLE_AS_SELECT", "UNLOAD"}
_FINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}
#: Categories of Athena's errors.
_SYSTEM, _USER = 1, 2


@dataclass
class Execution:
    """A query execution, used by the server's thread and the query's thread.

    Attributes:
        account: the id of the account that submitted it.
        region: the region that it was submitted in.
        token: the ClientRequestToken of the submission.
        parameters: the parameters that a retry with the same token must repeat, as JSON text.
        record: the QueryExecution of the API, and the UpdateCount, which GetQueryResults returns.
        columns: the ColumnInfo of each column of the result.
    """

    account: str
    region: str
    token: str
    parameters: str
    record: dict[str, Any]
    columns: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The QueryExecutionId."""
        return str(self.record["QueryExecutionId"])

    @property
    def state(self) -> str:
        """QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
        return str(self.record["Status"]["State"])

    @property
    def finished(self) -> bool:
        """Whether the state is final."""
        return self.state in _FINAL

    @property
    def location(self) -> str:
        """The S3 URI of the result."""
        return str(self.record["ResultConfiguration"]["OutputLocation"])

    @property
    def database(self) -> str:
        """The default database of names; some clients send it in backquotes."""
        return str(self.record["QueryExecutionContext"]["Database"]).strip("`")

    @property
    def writes(self) -> bool:
        """Whether it is a CREATE TABLE AS or an UNLOAD, whose result is not in an object of its own."""
        return str(self.record.get("SubstatementType", "")) in _WRITING

    @property
    def results(self) -> str:
        """The S3 URI below which results of the work group are."""
        folder = self.location.rpartition("/")[0]
        return folder.removesuffix("/tables") if self.record["StatementType"] == "DDL" else folder

    @property
    def manifest(self) -> str:
        """The S3 URI of the list of files that such a statement wrote."""
        return f"{self.location.removesuffix('.csv')}-manifest.csv"

    def wrote(self, rows: int, scanned: int, planning_ms: int) -> None:
        """Records what such a statement did: the number of rows, the bytes read, the time to plan it."""
        statistics = self.record["Statistics"]
        statistics["DataManifestLocation"] = self.manifest
        statistics["DataScannedInBytes"] = scanned
        statistics["QueryPlanningTimeInMillis"] = planning_ms
        self.record["UpdateCount"] = rows

    def start(self) -> bool:
        """Changes QUEUED to RUNNING; returns False if the query was stopped before."""
        self.measure("QueryQueueTimeInMillis", self.record["Status"]["SubmissionDateTime"])
        return self._advance("QUEUED", "RUNNING")

    def succeed(self) -> None:
        """Changes RUNNING to SUCCEEDED; the result must be in S3."""
        self._finish("SUCCEEDED")

    def fail(self, reason: str) -> None:
        """Ends the query with an error, unless it was stopped before.

        Args:
            reason: Athena's code and text, such as `TABLE_NOT_FOUND: …`.
        """
        category = _SYSTEM if reason.startswith("GENERIC_INTERNAL_ERROR") else _USER
        error = {
            "ErrorCategory": category,
            "ErrorType": 0,
            "Retryable": reason == INTERRUPTED,
            "ErrorMessage": reason,
        }
        self._finish("FAILED", StateChangeReason=reason, AthenaError=error)

    def cancel(self) -> None:
        """Cancels a query that has not finished; does nothing for a finished one."""
        self._finish("CANCELLED", StateChangeReason=CANCELLED)

    def measure(self, statistic: str, since: float) -> None:
        """Sets a statistic to the milliseconds since a time in seconds since 1970."""
        self.record["Statistics"][statistic] = int((time.time() - since) * 1000)

    def _advance(self, before: str, after: str) -> bool:
        with self._lock:
            if self.state != before:
                return False
            self.record["Status"]["State"] = after
            return True

    def _finish(self, state: str, **status: Any) -> None:
        with self._lock:
            if not self.finished:
                self.measure("TotalExecutionTimeInMillis", self.record["Status"]["SubmissionDateTime"])
                self.record["Status"].update(status, State=state, CompletionDateTime=time.time())
