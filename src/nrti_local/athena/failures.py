"""Athena's errors for DuckDB's errors at run time, where the text does not depend on the query."""

from __future__ import annotations

import re

_TYPES = {
    "INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "decimal",
    "FLOAT": "real", "BOOL": "boolean",
}  # fmt: skip
#: DuckDB's error, and Trino's code and text for it; each `{}` is a group of the match.
_FAILURES = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        # An error that a macro raises.
        (r"trino ([A-Z_]+): ((?:.|\n)*)", "{0}: {1}"),
        (r"[Dd]ivision by zero", "DIVISION_BY_ZERO: Division by zero"),
        (
            r"Overflow in (addition|subtraction|multiplication) of (\w+) \((.*)\)",
            "NUMERIC_VALUE_OUT_OF_RANGE: {1} {0} overflow: {2}",
        ),
        (
            r"Type \w+ with value (\S+) can't be cast because .* type (\w+)",
            "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for {1}: {0}",
        ),
        (
            r'(?:invalid )?(date|timestamp) field (?:format|value out of range): "([^"]*)"',
            "INVALID_CAST_ARGUMENT: Value cannot be cast to {0}: {1}",
        ),
        (
            r"Could not cast value (\S+) to (DECIMAL\S+)",
            "INVALID_CAST_ARGUMENT: Cannot cast '{0}' to {1}",
        ),
        (r"Unimplemented type for cast", "TYPE_MISMATCH: Cannot cast a value of this type to the other"),
        (
            r'Could not parse string "([^"]*)" according to',
            'INVALID_FUNCTION_ARGUMENT: Invalid format: "{0}"',
        ),
        (r"Malformed JSON", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON"),
        (
            r"More than one row returned by a subquery",
            "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
        ),
        (r"Set operations can only apply", "TYPE_MISMATCH: UNION query has different number of fields"),
        (r"aggregate function calls cannot be nested", "NESTED_AGGREGATION: Cannot nest aggregations"),
        (
            r"WHERE clause cannot contain aggregates",
            "EXPRESSION_NOT_SCALAR: WHERE clause cannot contain aggregations",
        ),
        (
            r"(ORDER|GROUP)(?: BY)? term out of range",
            "INVALID_COLUMN_REFERENCE: {0} BY position is not in select list",
        ),
        (
            r"APPROXIMATE QUANTILE can only take",
            "INVALID_FUNCTION_ARGUMENT: Percentile must be between 0 and 1",
        ),
        (
            r"timestamp range|Epoch seconds out of range",
            "INVALID_FUNCTION_ARGUMENT: Timestamp is out of range",
        ),
        (r"^Parser Error", "SYNTAX_ERROR: The statement cannot be parsed"),
    )
)
#: Trino's codes for DuckDB's kinds of errors that are not listed above.
_CODES = {
    "Binder Error": "SYNTAX_ERROR",
    "Conversion Error": "INVALID_CAST_ARGUMENT",
    "Invalid Input Error": "INVALID_FUNCTION_ARGUMENT",
    "Not implemented Error": "NOT_SUPPORTED",
    "Out of Range Error": "NUMERIC_VALUE_OUT_OF_RANGE",
}


def failure(text: str) -> str:
    """Returns Trino's code and text for an error of DuckDB."""
    for pattern, message in _FAILURES:
        if match := pattern.search(text):
            return message.format(*(_TYPES.get(group, group) for group in match.groups()))
    kind, _, message = text.splitlines()[0].partition(": ")
    # The sentences after the first one are about DuckDB's settings, which Athena does not have.
    fact = re.split(r"[.!] | - |!$", message or kind)[0]
    return f"{_CODES.get(kind, 'GENERIC_INTERNAL_ERROR')}: {fact}"
