"""The DuckDB that waits for the next query."""

from __future__ import annotations

from nrti_local.athena import spare


def test_a_spare_one_is_made_once_and_taken_once() -> None:
    spare.make()
    spare.make()

    first, second = spare.take(), spare.take()
    first.execute("CREATE TABLE secrets AS SELECT 1 AS pin")

    assert first is not second
    assert second.execute("SHOW TABLES").fetchall() == []
    first.close()
    assert second.execute("SELECT 5 / 2").fetchall() == [(2,)]
    second.close()


def test_both_kinds_have_athenas_settings() -> None:
    spare.make()
    waited, made = spare.take(), spare.take()

    query = "SELECT current_setting('TimeZone'), current_setting('autoload_known_extensions'), 7 / 2"
    assert waited.execute(query).fetchall() == made.execute(query).fetchall() == [("UTC", False, 3)]
    waited.close()
    made.close()
