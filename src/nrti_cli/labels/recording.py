"""Records labels in the lake: one object, so that readers see all of them or none."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import parquet

from nrti_cli.aws.errors import explain
from nrti_cli.aws.s3.objects import S3
from nrti_cli.counts import show_count
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.labels import lake
from nrti_cli.labels.batch import Batch, Form
from nrti_cli.labels.in_force import in_force

if TYPE_CHECKING:
    import pyarrow as pa

    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.stack.outputs import Outputs


@dataclass(frozen=True)
class Recorded:
    """What became of labels.

    Attributes:
        form: what they are about.
        recorded: the number of labels that were written.
        already_recorded: those that were in force before.
        repeated: those that a later one of the same file replaces.
        object: the `s3://` URI of the object that was written, or None.
        matched: of those written, how many match a prediction; None if it could not be counted.
        unknown_sensors: how many of their sensors have no predictions; None likewise.
        uncounted: why it could not be counted.
    """

    form: Form
    recorded: int
    already_recorded: int
    repeated: int
    object: str | None = None
    matched: int | None = 0
    unknown_sensors: int | None = 0
    uncounted: str = ""

    @property
    def unmatched(self) -> int | None:
        """Of those written, how many match no prediction yet."""
        return None if self.matched is None else self.recorded - self.matched

    def report(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "form": self.form,
            "recorded": self.recorded,
            "already_recorded": self.already_recorded,
            "repeated": self.repeated,
            "matched": self.matched,
            "unmatched": self.unmatched,
            "unknown_sensors": self.unknown_sensors,
            "object": self.object,
        }


def record(target: Target, stack: Outputs, batch: Batch, shown: Progress) -> Recorded:
    """Records the labels that are not in force already, and counts those that match a prediction.

    Raises:
        NrtiError: they could not be recorded, or it was interrupted; the message says if they were recorded.
    """
    shown.update("comparing with the recorded labels …")
    found, distinct = lake.Lake(target, stack), batch.last_words()
    newest = found.rows(lake.newest(distinct))
    known = in_force(distinct, newest)
    new = distinct.keep(~known)
    done = Recorded(batch.form, len(new), int(known.sum()), len(batch) - len(distinct))
    if not len(new):
        return done
    # A clock that is behind must not turn the last word into an earlier one.
    first = max(time.time_ns(), int(pc.max(newest["word"]).as_py() or 0) // 2 + 1)
    shown.update(f"writing {show_count(len(new), 'label')} …")
    uri = S3(target).put(stack.lake_bucket, object_key(first), _parquet(new.numbered(first)), shown.advance)
    return _counted(replace(done, object=uri), found, lake.matches(new, first), shown)


def _counted(done: Recorded, found: lake.Lake, sql: str, shown: Progress) -> Recorded:
    try:
        shown.update("looking for their predictions …")
        (row,) = found.rows(sql).to_pylist()
    except NrtiError as error:
        if error.exit_status == ExitStatus.INTERRUPTED:
            raise _interrupted(done) from error
        return replace(done, matched=None, unknown_sensors=None, uncounted=error.message)
    except (BotoCoreError, ClientError) as error:
        return replace(done, matched=None, unknown_sensors=None, uncounted=str(explain(error) or error))
    except KeyboardInterrupt as error:
        raise _interrupted(done) from error
    return replace(done, matched=row["matched"], unknown_sensors=row["unknown"])


def _interrupted(done: Recorded) -> NrtiError:
    what = f"interrupted; {show_count(done.recorded, 'label')} had been recorded"
    return NrtiError(what, exit_status=ExitStatus.INTERRUPTED)


def object_key(first: int) -> str:
    """The key of an object of the table `labels`.

    Args:
        first: when its first label is recorded, in nanoseconds since 1970.
    """
    month = datetime.fromtimestamp(first // 1_000_000_000, UTC).strftime("%Y-%m")
    return f"labels/month={month}/{first}-{os.urandom(4).hex()}.parquet"


def _parquet(rows: pa.Table) -> bytes:
    """Compressed harder than by Firehose: Athena bills by the bytes, and reads labels often."""
    file = io.BytesIO()
    parquet.write_table(rows, file, compression="zstd")
    return file.getvalue()
