"""The connection that is prepared for the next query."""

from __future__ import annotations

from nrti_local.athena import connections


def test_one_connection_is_prepared_and_used_once() -> None:
    connections.prepare()
    connections.prepare()

    first, second = connections.take(), connections.take()
    first.execute("CREATE TABLE secrets AS SELECT 1 AS pin")

    assert first is not second
    assert second.execute("SHOW TABLES").fetchall() == []
    first.close()
    assert second.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
    second.close()


def test_every_connection_has_athenas_settings() -> None:
    connections.prepare()
    waited, made = connections.take(), connections.take()

    query = "SELECT current_setting('TimeZone'), current_setting('autoload_known_extensions')"
    assert waited.execute(query).fetchall() == made.execute(query).fetchall() == [("UTC", False)]
    waited.close()
    made.close()
