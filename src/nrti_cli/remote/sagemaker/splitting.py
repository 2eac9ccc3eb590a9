"""Splits the rows into training, validation and test: by time, by group, or at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from channel import DataError
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

if TYPE_CHECKING:
    from channel import Data
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]
    Cut = tuple[Rows, Rows, Rows]

#: Minimum rows of each class: 6 for training, 2 for validation, 2 for test.
LEAST_ROWS = 10
#: The ends of the parts.
_SHARES = (0.6, 0.8)
_PARTS = ("train", "validation", "test")
#: Minimum number of groups for a split by group.
_LEAST_GROUPS = 5


@dataclass(frozen=True)
class Split:
    """How the rows were split.

    Attributes:
        by: time, group or random.
        train: the training rows.
        validation: the rows for choosing estimator and threshold.
        test: the rows for the evaluation.
        gap: number of unused rows at each border.
        optimistic: why the metrics are optimistic, or empty.
    """

    by: str
    train: Rows
    validation: Rows
    test: Rows
    gap: int = 0
    optimistic: str = ""

    def describe(self) -> str:
        """A short description with the sizes of the parts."""
        how = "at random" if self.by == "random" else f"by {self.by}"
        gap = f", gap {self.gap}" if self.gap else ""
        return f"split {how}, {len(self.train)} + {len(self.validation)} + {len(self.test)}{gap}"


def split(data: Data, wanted: str, seed: int) -> Split:
    """60 % for training, 20 % for validation, 20 % for test.

    Args:
        data: in order.
        wanted: time, group or random; empty for the default of the data.
        seed: for random choices.

    Raises:
        DataError: a part would lack a class.
    """
    counts = np.bincount(data.labels, minlength=2)
    if counts.min() < LEAST_ROWS:
        raise DataError(
            f"{counts[0]} rows of class 0 and {counts[1]} of class 1 are too few: each needs {LEAST_ROWS}"
        )
    ways = {"group": _by_group, "time": by_time, "random": at_random}
    if wanted:
        return ways[wanted](data, seed)
    *others, last = _suitable(data)
    for way in others:
        try:
            return ways[way](data, seed)
        except DataError:
            continue  # the failures are in too few groups, or all at one time
    return ways[last](data, seed)


def _suitable(data: Data) -> list[str]:
    """The possible splits for the data, best first; rows with a time are not split at random."""
    ways = []
    if data.groups is not None and data.groups.max() + 1 >= _LEAST_GROUPS:
        ways.append("group")
    if data.ordered:
        ways.append("time")
    return ways if data.timed else [*ways, "random"]


def by_time(data: Data, seed: int) -> Split:  # noqa: ARG001 (there is no random choice)
    """The earliest rows for training, the latest for test; windows across a border are left out.

    The parts end after 60 % and 80 % of the rows, or of the failures if a part would otherwise lack a class.
    """
    if not data.ordered:
        raise DataError("a split by time needs times: name their column with --time")
    ranks, gap = time_ranks(data), data.gap
    failures = np.sort(ranks[data.labels == 1])
    of_rows = [round(share * len(data)) for share in _SHARES]
    of_failures = [int(failures[int(share * len(failures))]) for share in _SHARES]
    for ends in (of_rows, of_failures):
        parts = _between(data, ranks, ends, gap)
        if not _lacking(data, parts):
            return Split("time", *parts, gap=gap)
    raise DataError(f"split by time, {_lacking(data, parts)}: use more rows of both, or pass --split random")


def _by_group(data: Data, seed: int) -> Split:
    """Each group in one part, and each part with its share of the failures, as far as possible."""
    if data.groups is None:
        raise DataError("a split by group needs groups: name their column with --group")
    try:
        folds = StratifiedGroupKFold(n_splits=5, shuffle=True, random_state=seed)
        (_, test), (_, validation), *others = folds.split(np.zeros(len(data)), data.labels, data.groups)
    except ValueError as error:
        raise DataError(f"a split by group needs at least {_LEAST_GROUPS} groups") from error
    parts = np.concatenate([fold for _, fold in others]), validation, test
    if lacking := _lacking(data, parts):
        raise DataError(f"split by group, {lacking}: label more groups, or pass --split time or random")
    train, validation, test = map(np.sort, parts)
    return Split("group", train, validation, test)


def at_random(data: Data, seed: int) -> Split:
    """Row by row, stratified by class: right for independent rows."""
    order = np.arange(len(data))
    train, rest = train_test_split(order, test_size=0.4, stratify=data.labels, random_state=seed)
    validation, test = train_test_split(rest, test_size=0.5, stratify=data.labels[rest], random_state=seed)
    shared = "rows of a group" if data.groups is not None else ""
    if data.ordered:
        shared = "neighbouring rows, which are nearly equal," if data.alike else "neighbours in time"
    why = f"the split is random: {shared} are on both sides" if shared else ""
    return Split("random", train, np.sort(validation), np.sort(test), optimistic=why)


def time_ranks(data: Data) -> Rows:
    """For each row, how many are earlier; without times, how many have an earlier position in their group."""
    moments = data.times if data.times is not None else _places(data)
    order = np.argsort(moments, kind="stable")
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(data))
    return ranks


def _places(data: Data) -> NDArray[np.float64]:
    """The relative position of each row in its group, from 0 to 1."""
    if data.groups is None:
        return np.arange(len(data)) / len(data)
    sizes = np.bincount(data.groups)
    before = np.cumsum(sizes) - sizes
    places: NDArray[np.float64] = (np.arange(len(data)) - before[data.groups]) / sizes[data.groups]
    return places


def _between(data: Data, ranks: Rows, ends: list[int], gap: int) -> Cut:
    """The rows of the parts, without the last `gap` before a border in each group."""
    part = np.digitize(ranks, ends)
    groups = np.zeros(len(data), dtype=np.intp) if data.groups is None else data.groups
    later = np.arange(len(data)) + gap
    inside = later < len(data)
    crossing = np.zeros(len(data), dtype=bool)
    crossing[inside] = (part[later[inside]] != part[inside]) & (groups[later[inside]] == groups[inside])
    first, second, third = (np.flatnonzero((part == index) & ~crossing) for index in range(3))
    return first, second, third


def _lacking(data: Data, parts: Cut) -> str:
    """What a part lacks, as a short description."""
    for name, rows in zip(_PARTS, parts, strict=True):
        counts = np.bincount(data.labels[rows], minlength=2)
        if counts.min() < 2:
            return f"the {name} rows have {counts[1]} failures among {counts.sum()}"
    return ""
