"""Translates Athena's SQL, which is Trino's, into DuckDB's, by Trino's types.

A statement is translated from the leaves up: each expression is its DuckDB text and its Trino type. What
Trino refuses is refused in Trino's words; a function passes only by a row of the table in `functions/`.
"""
