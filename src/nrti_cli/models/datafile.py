"""Training data from files of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.models.dataset import Dataset, from_table
from nrti_cli.tables import intervals
from nrti_cli.tables.faults import MissingValue
from nrti_cli.tables.inputs import is_live
from nrti_cli.tables.missing import counted
from nrti_cli.tables.reader import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from nrti_cli.tables.layout import Layout


def load(
    name: str, layout: Layout, failures: str | None, on_share: Callable[[float | None], None]
) -> Dataset:
    """The data set in a file.

    Args:
        name: of the file; `-` is standard input.
        layout: how it is written, and what its columns are.
        failures: a file of intervals of time that are labelled as failures, in place of a label column.
        on_share: hears now and then how much of the file was read, 0 to 1.

    Raises:
        NrtiError: something in it cannot be trained on; the message says where.
    """
    failed = intervals.read(failures, layout.schema) if failures else None
    try:
        with opened(name, layout.form) as table:
            return from_table(table, layout.schema, failed, lambda: on_share(table.share()))
    except MissingValue as error:
        if is_live(name):
            raise
        raise counted(error, name, layout) from None
