"""The SQL of the pipeline, of the documents and of the tests, by the grammar of Trino in dt-sql-parser.

What the embedded Athena takes must be Trino's SQL, and a syntax that it refuses must not be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from nrti_cli.assets import asset
from nrti_cli.quality import statement as quality
from nrti_cli.stack.template import parse
from tests.clients import node
from tests.clients.venv import ROOT
from tests.unit import quicksight_checks
from tests.unit.nrti_local.athena.test_golden import ROWS
from tests.unit.nrti_local.athena.test_readings import READINGS
from tests.unit.nrti_local.athena.test_refusals import REFUSED

pytestmark = pytest.mark.clients

#: What the embedded Athena takes and the grammar does not know, although Trino's documentation has it.
UNKNOWN_TO_THE_GRAMMAR: tuple[str, ...] = ()

#: Returns the first errors of statements by the grammar.
Judge = Callable[[list[str]], dict[str, str]]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    node.require("dt-sql-parser", "judge-sql")
    directory = tmp_path_factory.mktemp("grammar")

    def errors(statements: list[str]) -> dict[str, str]:
        (directory / "statements.json").write_text(json.dumps(statements))
        wrong = node.run(directory, "parse_sql.mjs", "statements.json", options=("--preserve-symlinks",))
        return {each["statement"]: each["message"] for each in json.loads(wrong)}

    return errors


def _views() -> Iterator[str]:
    text = asset("cloudformation/pipeline.yaml").read_text()
    for select in re.findall(r'"originalSql": "((?:[^"\\]|\\.)*)"', text):
        yield re.sub(r"\$\{(\w+)\}", r"\1", json.loads(f'"{select}"'))


def _documented() -> Iterator[str]:
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for sql in re.findall(r'nrti query(?: --?[\w-]+(?: [\w./]+)?)* "([^"]+)"', path.read_text()):
            yield sql.replace("\\\n", " ")


def _of_the_pipeline() -> list[str]:
    since = datetime.now(UTC) - timedelta(days=7)
    return [
        *_views(),
        quicksight_checks.query(parse(asset("cloudformation/quicksight.yaml").read_text())),
        quality.statement(quality.Selection(since, by="day"), {"failure-v1": 5}),
    ]


def test_the_pipelines_sql_is_trinos(judge: Judge) -> None:
    statements = _of_the_pipeline()

    assert len(statements) >= 4
    assert judge(statements) == {}


def test_documented_sql_is_trinos(judge: Judge) -> None:
    statements = list(_documented())

    assert len(statements) >= 5
    assert judge(statements) == {}


def test_tested_sql_is_trinos(judge: Judge) -> None:
    statements = [f"select {expression}" for _, expression, _ in [*ROWS, *READINGS]]

    wrong = judge(statements)

    assert {sql: why for sql, why in wrong.items() if sql not in UNKNOWN_TO_THE_GRAMMAR} == {}


def test_what_is_refused_for_its_syntax_is_no_sql_of_trinos(judge: Judge) -> None:
    # The grammar reads backquotes and names that begin with digits, and Trino refuses them after that.
    begin, later = ("line ", "SYNTAX_ERROR"), ("backquoted", "start with a digit")
    syntax = [
        sql for sql, error in REFUSED if error.startswith(begin) and not any(text in error for text in later)
    ]
    meaning = [sql for sql, _ in REFUSED if sql not in syntax]

    assert set(judge(syntax)) == set(syntax)
    assert judge(meaning) == {}


def test_the_judge_can_find_something(judge: Judge) -> None:
    assert list(judge(["select 1", "selec 1"])) == ["selec 1"]
