"""Queries of the stack's lake, and the rows of small results as text."""

from __future__ import annotations

import codecs
import csv
from contextlib import closing
from typing import TYPE_CHECKING

from nrti_cli.aws.athena import Athena, Execution, NoWorkgroupError
from nrti_cli.aws.s3.objects import S3
from nrti_cli.stack.names import database_name, workgroup_name
from nrti_cli.stack.outputs import require_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nrti_cli.aws.target import Target


def run(target: Target, sql: str, meanwhile: Callable[[], None] | None = None) -> Execution:
    """Runs a query of the lake and waits for its result.

    Reading the names of workgroup and database from the stack's outputs would cost a request and the import
    of its service model.

    Args:
        target: the AWS.
        sql: one statement.
        meanwhile: called once while the query runs.

    Raises:
        NrtiError: the stack does not exist, Athena refuses the query, or it failed or was cancelled.
    """
    try:
        return Athena(target).run(
            sql,
            workgroup=workgroup_name(target.stack),
            database=database_name(target.stack),
            meanwhile=meanwhile,
        )
    except NoWorkgroupError:
        require_stack(target)
        raise


def rows(target: Target, execution: Execution) -> Iterator[dict[str, str]]:
    """The rows of a small result as text, NULL as an empty text; it does not import Arrow."""
    with closing(S3(target).open(execution.location)) as stream:
        yield from csv.DictReader(codecs.getreader("utf-8")(stream))
