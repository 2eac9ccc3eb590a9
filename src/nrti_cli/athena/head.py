"""The first rows of a result, for display."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nrti_cli.aws.athena import LONGEST_HEAD, Athena, Execution, Head

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


def head(target: Target, execution: Execution, count: int) -> Head:
    """Returns the first `count` rows as text.

    A few rows come with the columns in one response of Athena; more are read from the result in S3.
    """
    found = Athena(target).head(execution, min(count, LONGEST_HEAD))
    if not found.more or count <= LONGEST_HEAD:
        return found
    from nrti_cli.athena.result import Limited, batches

    as_text = [replace(column, type="varchar") for column in found.columns]
    rows = Limited(batches(target, execution, as_text), count)
    values = [
        list(row)
        for batch in rows
        for row in zip(*(array.to_pylist() for array in batch.columns), strict=True)
    ]
    return Head(found.columns, values, rows.more)
