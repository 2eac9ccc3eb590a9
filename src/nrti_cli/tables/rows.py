"""The rows of a table as inputs of a model, by the same rules for training and for sending."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nrti_cli.tables.formats.blocks import Block
from nrti_cli.tables.groups import Groups, groups
from nrti_cli.tables.missing import Gaps
from nrti_cli.tables.numbers import matrix
from nrti_cli.tables.roles import Roles
from nrti_cli.tables.schema import Schema
from nrti_cli.tables.times import times


@dataclass(frozen=True)
class Rows:
    """Rows of a block.

    Attributes:
        values: shape (n, k).
        times: epoch milliseconds, if there is a time column.
        groups: of the rows, if there is a group column.
        numbers: the indexes of the rows in the block.
    """

    values: NDArray[np.float64]
    times: NDArray[np.int64] | None
    groups: Groups | None
    numbers: NDArray[np.intp]


class RowReader:
    """Extracts the inputs from the blocks of a table.

    Args:
        roles: of its columns.
        schema: of the inputs.
        complete: whether no value may be missing in the result, as in events.
    """

    def __init__(self, roles: Roles, schema: Schema, *, complete: bool) -> None:
        self._roles = roles
        self._schema = schema
        self.gaps = Gaps(schema.missing, complete=complete)

    def read(self, block: Block) -> Rows:
        """The inputs of a block, without dropped rows.

        Raises:
            NrtiError: a row cannot be parsed; the message names the place.
        """
        refuses = self._schema.missing == "refuse"
        values = matrix(block, self._roles.values, missing=not refuses)
        found = replace(self.without_values(block), values=values)
        stays = None if refuses else self.gaps.fill(values, found.groups)
        return found if stays is None else _taken(found, np.flatnonzero(stays))

    def without_values(self, block: Block) -> Rows:
        """All rows of a block, without their values, which are read elsewhere.

        Raises:
            NrtiError: as `read`.
        """
        none = np.empty((block.rows, 0))
        return Rows(none, self._times(block), self._groups(block), np.arange(block.rows))

    def _times(self, block: Block) -> NDArray[np.int64] | None:
        column = self._roles.column("timestamp")
        return None if column is None else times(block, column, self._schema.time_format)

    def _groups(self, block: Block) -> Groups | None:
        column = self._roles.column("sensor")
        return None if column is None else groups(block, column)


def _taken(rows: Rows, numbers: NDArray[np.intp]) -> Rows:
    return Rows(
        rows.values[numbers],
        None if rows.times is None else rows.times[numbers],
        rows.groups and rows.groups.taken(numbers),
        numbers,
    )
