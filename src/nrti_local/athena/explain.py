"""EXPLAIN and its options."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nrti_local.athena.errors import absent, mismatched

_EXPLAIN = re.compile(
    r"\s*explain\b(?:\s+(?P<analyze>analyze\b)|\s*\((?P<options>\s*(?:type|format)\b[^)]*)\))?", re.IGNORECASE
)
#: DuckDB has one plan.
_PLANS = {("FORMAT", "TEXT"), ("TYPE", "LOGICAL"), ("TYPE", "DISTRIBUTED")}
_VALIDATE = ("TYPE", "VALIDATE")
_ATHENAS = {("FORMAT", "JSON"), ("FORMAT", "GRAPHVIZ"), ("TYPE", "IO")}


@dataclass(frozen=True)
class Explain:
    """An EXPLAIN.

    Attributes:
        query: what it explains, at the position that it has in the statement.
        validates: whether it asks only if the query is valid.
    """

    query: str
    validates: bool


def parse(sql: str) -> Explain | None:
    """Reads an EXPLAIN; returns None for another statement.

    Raises:
        AthenaError: it has an option that does not exist, or that the embedded AWS lacks.
    """
    found = _EXPLAIN.match(sql)
    if found is None:
        return None
    if found["analyze"]:
        raise absent("EXPLAIN ANALYZE")
    options = [tuple(each.upper().split()) for each in (found["options"] or "").split(",") if each.strip()]
    for option in options:
        if option in _ATHENAS:
            raise absent(f"EXPLAIN ({' '.join(option)})")
        if option not in {*_PLANS, _VALIDATE}:
            raise mismatched(sql, found.start("options"), " ".join(option).lower())
    return Explain(" " * found.end() + sql[found.end() :], _VALIDATE in options)
