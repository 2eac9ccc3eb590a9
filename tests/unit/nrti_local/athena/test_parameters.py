"""Parameters take the places of question marks; prepared statements are kept and run."""

from __future__ import annotations

import pytest

from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.executions.parameters import bind, kind, resolve


class Statements:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def prepare(self, name: str, query: str) -> None:
        self.kept[name] = query

    def prepared(self, name: str) -> str | None:
        return self.kept.get(name)

    def deallocate(self, name: str) -> None:
        del self.kept[name]


def test_values_take_the_places_of_question_marks() -> None:
    sql = "select '?', x -- ?\nfrom t where a = ? and b = ?"

    assert bind(sql, ["'it''s'", "1"]) == "select '?', x -- ?\nfrom t where a = 'it''s' and b = 1"


@pytest.mark.parametrize("values", [[], ["1", "2"]])
def test_the_number_of_values_must_be_right(values: list[str]) -> None:
    with pytest.raises(AthenaError, match=rf"Incorrect number .* expected 1 but found {len(values)}"):
        bind("select ?", values)


def test_a_statement_is_prepared_run_and_deallocated() -> None:
    statements = Statements()

    assert resolve("PREPARE one FROM\nselect ?, ?;", [], statements) is None
    assert resolve("execute one using concat('a', 'b'), 2", [], statements) == "select concat('a', 'b'), 2"
    assert resolve("execute one", ["1", "2"], statements) == "select 1, 2"
    assert resolve("deallocate prepare one", [], statements) is None
    for sql in ("execute one", "deallocate prepare one"):
        with pytest.raises(AthenaError, match="PreparedStatement one was not found"):
            resolve(sql, [], statements)


def test_the_types_of_these_statements() -> None:
    assert [
        kind(sql) for sql in ("prepare a from select 1", "execute a", "deallocate prepare a", "select 1")
    ] == [
        "DDL",
        "DML",
        "DDL",
        None,
    ]
    with pytest.raises(MalformedQueryError, match="mismatched input 'prepare'"):
        kind("prepare a select 1")
