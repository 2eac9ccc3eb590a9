"""Joins the training data of a file and of the lake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.models.training.dataset import Dataset
    from nrti_cli.tables.formats.blocks import Column


def beside(earlier: Dataset, lake_rows: Dataset) -> Dataset:
    """The rows of a file and those of the lake; a file without times is earlier than the lake.

    Raises:
        NrtiError: the sequences differ in length.
    """
    if len(earlier.features) != len(lake_rows.features):
        raise NrtiError(
            f"{earlier.origin} gives sequences of {len(earlier.features)} values, "
            f"but those of the lake have {len(lake_rows.features)}",
            hint="use the file of the model's training data, or choose events with --where",
        )
    assert lake_rows.times is not None  # noqa: S101 (events have times)
    before = np.full(len(earlier.labels), lake_rows.times[0] - 1, dtype=np.int64)
    times = before if earlier.times is None else earlier.times
    groups = [_groups(earlier), _groups(lake_rows)]
    return replace(
        earlier,
        origin=f"{earlier.origin} and the lake",
        sequences=np.concatenate((earlier.values, lake_rows.values)),
        labels=np.concatenate((earlier.labels, lake_rows.labels)),
        groups=pa.chunked_array(groups).unify_dictionaries().combine_chunks(),
        times=np.concatenate((times, lake_rows.times)),
        remarks=(*earlier.remarks, *lake_rows.remarks),
        lineage={**lake_rows.lineage, "file": earlier.origin},
    )


def _groups(rows: Dataset) -> Column:
    """The group of each row; the rows of a file without groups are one."""
    if rows.groups is not None:
        return rows.groups
    return pa.DictionaryArray.from_arrays(np.zeros(len(rows.labels), dtype=np.int32), [rows.origin])
