from __future__ import annotations

import re

import pytest

from nrti_local.athena.errors import MalformedQueryError
from nrti_local.athena.sql import parse
from tests.unit.nrti_local.athena.translating import refusal


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selec * from t", "line 1:1: mismatched input 'selec'"),
        ("select from t", "line 1:8: mismatched input 'from'"),
        ("select a, from t", "line 1:11: mismatched input 'from'"),
        ("select * form t", "line 1:15: mismatched input 't'"),
        ("select *\nfrom t\nwhere", "line 3:6: mismatched input '<EOF>'"),
        ("select * from t group", "line 1:17: mismatched input 'group'"),
        ("select a\nfrom t order", "line 2:8: mismatched input 'order'"),
        ("select 'abc", "line 1:12: mismatched input '<EOF>'"),
        ("", "line 1:1: mismatched input '<EOF>'"),
        ("-- nothing", "line 1:11: mismatched input '<EOF>'"),
        ("select 1; select 2", "Only one sql statement is allowed. Got: select 1; select 2"),
        ("grant select on t to a", "Queries of this type are not supported"),
        (
            "insert into t select 1",
            "INSERT, as it is written here, is not in the embedded AWS; Athena has INSERT",
        ),
        (
            "create view x as select 1",
            "CREATE, as it is written here, is not in the embedded AWS; Athena has CREATE",
        ),
    ],
)
def test_what_athena_refuses_at_once_is_refused_with_its_position(sql: str, message: str) -> None:
    with pytest.raises(MalformedQueryError) as refused:
        parse(sql)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "sql",
    [
        "copy predictions to '/tmp/x'",
        "attach '/tmp/x.db'",
        "pragma database_list",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '1GB'",
        "from predictions",
        "summarize predictions",
        "pivot predictions on sensor",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/*')",
        "select * from query('select 1')",
        "with a as (select * from read_text('/etc/passwd')) select * from a",
        "select getenv('HOME')",
        "select current_setting('home_directory')",
        "select bar(1)",
    ],
)
def test_duckdbs_own_language_is_refused(sql: str) -> None:
    assert re.search(r"mismatched|Table function|not registered|works on Athena|not supported", refusal(sql))
