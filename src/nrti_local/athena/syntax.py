"""Syntax that sqlglot reads otherwise than Trino: numbers of other forms, and joins without a condition."""

from __future__ import annotations

from itertools import pairwise

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from nrti_local.athena.errors import MalformedQueryError, absent, mismatched, position

#: What may stand between JOIN and the names of what is joined.
_BEFORE_RELATION = {
    TokenType.L_PAREN,
    TokenType.LATERAL,
    TokenType.UNNEST,
    TokenType.SELECT,
    TokenType.VALUES,
}
#: What a join with or without a condition may have.
_CONDITIONS = ("kind", "method", "on", "side", "using")


def check_numbers(sql: str, tokens: list[Token]) -> None:
    """Rejects a name that begins with a digit, of which sqlglot makes a number with an alias.

    Raises:
        MalformedQueryError: there is such a name.
        AthenaError: there is a number in a form that only Athena may have.
    """
    for token in tokens:
        if token.token_type == TokenType.HEX_STRING and sql[token.start] == "0":
            raise absent(f"{position(sql, token.start)}: A hexadecimal number")
    for token, following in pairwise(tokens):
        where = position(sql, token.start)
        if token.token_type != TokenType.NUMBER or following.start != token.end + 1:
            continue
        if following.token_type == TokenType.VAR and following.text.startswith("_"):
            raise absent(f"{where}: A number with underscores")
        if following.token_type == TokenType.VAR:
            text = "identifiers must not start with a digit; surround the identifier with double quotes"
            raise MalformedQueryError(f"{where}: {text}")


def check_joins(sql: str, tree: exp.Expr, tokens: list[Token]) -> None:
    """Rejects JOIN without a condition, of which sqlglot makes a comma.

    Raises:
        MalformedQueryError: there is such a join.
    """
    for join in tree.find_all(exp.Join):
        places = [each.meta for each in join.this.walk() if "start" in each.meta]
        if not places or any(join.args.get(name) for name in _CONDITIONS):
            continue
        first, last = min(each["start"] for each in places), max(each["end"] for each in places)
        before = [each for each in tokens if each.start < first and each.token_type not in _BEFORE_RELATION]
        if before[-1].token_type == TokenType.JOIN:
            after = next((t for t in tokens if t.start > last and t.token_type != TokenType.R_PAREN), None)
            raise mismatched(sql, after.start if after else len(sql), after.text if after else "<EOF>")
