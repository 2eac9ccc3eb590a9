"""Which rows belong together, such as those of one sensor or engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nrti_cli.tables.formats.blocks import Block
from nrti_cli.tables.numbers import require_all


@dataclass(frozen=True)
class Groups:
    """The sensor, engine, … of each row.

    Attributes:
        codes: of the rows.
        names: by code.
    """

    codes: NDArray[np.int32]
    names: list[str]

    def of_rows(self) -> list[str]:
        """The name of each row's group."""
        return [self.names[code] for code in self.codes.tolist()]

    def taken(self, numbers: NDArray[np.intp]) -> Groups:
        """The groups of selected rows."""
        return Groups(self.codes[numbers], self.names)


def groups(block: Block, name: str) -> Groups:
    """The values of a column as names of groups.

    Raises:
        NrtiError: one is missing.
    """
    require_all(block, name)
    encoded = block.columns[name].dictionary_encode()
    return Groups(encoded.indices.to_numpy(), [str(value) for value in encoded.dictionary.to_pylist()])
