"""The translation gives Trino's answers: the examples of the table of functions, and Trino's own tests.

Every file in `golden/` has expressions and answers, by the page or the test of Trino that they are from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp

from nrti_local.athena import connections
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.failures import failure
from nrti_local.athena.render import render
from nrti_local.athena.sql import parse
from nrti_local.athena.trino import functions, macros
from nrti_local.athena.trino.scope import Relation, Statement
from nrti_local.athena.trino.translation import translated

GOLDEN = Path(__file__).with_name("golden")
#: (where it is from, expression, answer)
Row = tuple[str, str, str]


def _rows_of(path: Path) -> Iterator[Row]:
    source = ""
    for line in path.read_text().splitlines():
        if line.startswith("# "):
            source = line[2:]
        elif line:
            expression, _, answer = line.rpartition(" => ")
            yield source, expression, answer


TABLE = [(row.page, each.expression, each.answer) for row in functions.table() for each in row.examples]
EXAMPLES = list(dict.fromkeys(TABLE))
TESTS = [row for path in sorted(GOLDEN.glob("*.txt")) for row in _rows_of(path)]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connections.take()
    yield connection
    connection.close()


def answer(database: duckdb.DuckDBPyConnection, expression: str) -> str:
    """The answer to `select expression`; NULL is `null`, an error begins with `error `."""
    sql = f"select {expression}"
    try:
        relation = translated(sql, parse(sql), Statement(table=_no_table))
        (name, kind), *_ = relation.columns
        text = f"SELECT {render('c', kind)}, TYPEOF(c) FROM ({relation.sql}) q(c)"  # noqa: S608 (the translation)
        for statement in macros.needed(text):
            database.execute(statement)
        rows = database.execute(text).fetchall()
    except AthenaError as error:
        return f"error {error}"
    except duckdb.Error as error:
        return f"error {failure(str(error))}"
    assert kind.name == "unknown" or _same_type(rows[0][1], kind.duckdb), (
        f"{name}: {rows[0][1]}, not {kind.duckdb}"
    )
    return "null" if rows[0][0] is None else str(rows[0][0])


def _same_type(actual: str, wanted: str) -> bool:
    return re.sub(r'[" ]', "", actual) == re.sub(r'[" ]', "", wanted)


def _no_table(node: exp.Table) -> Relation:
    raise AssertionError(node)


@pytest.mark.parametrize(("source", "expression", "expected"), [*EXAMPLES, *TESTS])
def test_the_answer_is_trinos(
    database: duckdb.DuckDBPyConnection, source: str, expression: str, expected: str
) -> None:
    if expected.startswith("error "):
        assert answer(database, expression).startswith(expected), source
    else:
        assert answer(database, expression) == expected, source


def test_every_function_has_an_example_and_a_page() -> None:
    for row in functions.table():
        assert row.examples, row.signature
        assert row.page.startswith("https://trino.io/docs/current/"), row.signature


def test_there_are_enough_of_them() -> None:
    assert len(EXAMPLES) + len(TESTS) >= 400
