"""Reads training data from a user's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.models.training.dataset import Dataset, from_table
from nrti_cli.tables import intervals
from nrti_cli.tables.faults import MissingValue
from nrti_cli.tables.formats.inputs import is_live
from nrti_cli.tables.missing import counted
from nrti_cli.tables.reader import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from nrti_cli.tables.layout import Layout


def load(
    name: str, layout: Layout, failures: str | None, on_share: Callable[[float | None], None]
) -> Dataset:
    """Reads the data set in a file.

    Args:
        name: of the file; `-` is standard input.
        layout: its format, and the roles of its columns.
        failures: a file of time intervals that are labelled as failures, instead of a label column.
        on_share: called with the share that was read, 0 to 1.

    Raises:
        NrtiError: something in it cannot be used for training; the message says where.
    """
    failed = intervals.read_intervals(failures, layout.schema) if failures else None
    try:
        with opened(name, layout.form) as table:
            return from_table(table, layout.schema, failed, lambda: on_share(table.share()))
    except MissingValue as error:
        if is_live(name):
            raise
        raise counted(error, name, layout) from None
