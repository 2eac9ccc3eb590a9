"""Chooses the threshold of a failure on the validation rows, by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from channel import DataError

if TYPE_CHECKING:
    from metrics import Labels, Values


def choose(rule: str, labels: Labels, scores: Values) -> float:
    """The best threshold by a rule, moved halfway to the next lower score.

    Halfway, because future rows have scores between the known ones.

    Args:
        rule: `f1`, `recall=R` for the highest threshold that finds a share R of the failures, or
            `cost=FN:FP` for the lowest cost of missed failures and false alarms.
        labels: 0 or 1, shape (n,).
        scores: shape (n,).

    Raises:
        DataError: the rule is none of these.
    """
    distinct = np.unique(scores)[::-1]
    ranked = np.sort(scores)
    alarms = len(scores) - np.searchsorted(ranked, distinct)
    failures = np.sort(scores[labels == 1])
    hits = len(failures) - np.searchsorted(failures, distinct)
    best = distinct[_best(rule, hits, alarms, len(failures))]
    below = scores[scores < best].max(initial=0.0)
    return float((best + below) / 2)


def _best(rule: str, hits: Labels, alarms: Labels, failures: int) -> int:
    name, _, value = rule.partition("=")
    try:
        if name == "f1" and not value:
            return int(np.argmax(hits / (alarms + failures)))
        if name == "recall":
            return int(np.argmax(hits >= float(value) * failures))
        if name == "cost":
            missed, false = map(float, value.split(":"))
            return int(np.argmin(missed * (failures - hits) + false * (alarms - hits)))
    except ValueError:
        pass
    raise DataError(f"{rule!r} is not a rule for the threshold: use f1, recall=0.9 or cost=FN:FP")
