"""The table of functions: Trino's signatures, what DuckDB is asked for them, and examples.

The files in `table/` have one function after the other, by the pages of Trino's documentation:

    # https://trino.io/docs/current/functions/array.html
    slice(array(T), bigint, bigint) -> array(T)
      = trino_slice({0}, {1}, {2})
      > slice(array[1, 2, 3, 4], 2, 2) => [2, 3]

`{0}` is the first argument. The arguments of an aggregation are in `(<` and `>)`, where DISTINCT, ORDER BY,
FILTER and OVER belong. `{1:x}` names the variables of a lambda expression, whose body is `{1}`. A row whose
DuckDB text is `@name` is written by the function of that name in `forms`. `? ` at its beginning means that
the result is NULL if an argument is, where DuckDB would have another result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from nrti_local.athena.trino.signatures import Signature, parse_signature

_TABLE = Path(__file__).with_name("table")
#: Functions in Trino's documentation that have no row: names, or signatures of names that have other rows.
_MISSING = _TABLE / "missing.txt"


@dataclass(frozen=True)
class Example:
    """An expression and Trino's answer, as Athena's CSV has it; `null` without quotes is NULL."""

    expression: str
    answer: str


@dataclass(frozen=True)
class Function:
    """A row of the table.

    Attributes:
        signature: Trino's.
        duckdb: DuckDB's text.
        page: Trino's documentation.
        examples: with Trino's answers.
        guarded: whether an argument that is NULL has to be looked for.
    """

    signature: Signature
    duckdb: str
    page: str
    examples: tuple[Example, ...]
    guarded: bool = False

    @property
    def is_aggregate(self) -> bool:
        """Whether it aggregates rows, or needs a window."""
        return "(<" in self.duckdb

    @property
    def needs_window(self) -> bool:
        """Whether it needs OVER."""
        return self.is_aggregate and self.page.endswith("/window.html")


def named(name: str) -> tuple[Function, ...]:
    """Returns the rows of a function, in the order of the table."""
    return _by_name().get(name, ())


def is_missing(name: str) -> bool:
    """Whether Trino has a function that the table lacks."""
    return name in _missing()


def missing_signatures(name: str) -> tuple[Signature, ...]:
    """Returns the signatures of a function that Trino has beside those in the table."""
    return tuple(each for each in _missing().values() if each and name in each.names)


@cache
def table() -> tuple[Function, ...]:
    """Returns all rows."""
    files = sorted(path for path in _TABLE.glob("*.txt") if path != _MISSING)
    return tuple(row for path in files for row in _rows(path.read_text(encoding="utf-8")))


@cache
def _by_name() -> dict[str, tuple[Function, ...]]:
    found: dict[str, tuple[Function, ...]] = {}
    for row in table():
        for name in row.signature.names:
            found[name] = (*found.get(name, ()), row)
    return found


@cache
def _missing() -> dict[str, Signature | None]:
    lines = _MISSING.read_text(encoding="utf-8").splitlines()
    return {line: parse_signature(line) if "(" in line else None for line in lines}


def _rows(text: str) -> list[Function]:
    rows: list[Function] = []
    page, waiting, examples = "", [], []  # type: str, list[str], list[Example]
    for line in text.splitlines():
        if line.startswith("# "):
            page = line[2:]
        elif line.startswith("  = "):
            duckdb, examples, guarded = line[4:].removeprefix("? "), [], line.startswith("  = ? ")
            rows += [Function(parse_signature(each), duckdb, page, (), guarded) for each in waiting]
            count, waiting = len(waiting), []
        elif line.startswith("  > "):
            expression, _, answer = line[4:].rpartition(" => ")
            examples = [*examples, Example(expression, answer)]
            rows[-count:] = [replace(row, examples=tuple(examples)) for row in rows[-count:]]
        elif line:
            waiting.append(line)
    return rows
