"""The result of evaluating a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reading:
    """The result of evaluating a rule.

    Attributes:
        active: for each sensor or model to which the condition applies, a description; the key is empty
            for a rule with a single subject.
        note: the current value, for `nrti alert list`.
        known: whether the rule could be judged; if not, an alert neither begins nor ends.
    """

    active: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    known: bool = True
