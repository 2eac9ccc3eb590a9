"""A user's condition in a query of nrti's own."""

from __future__ import annotations

from itertools import accumulate

from nrti_cli.errors import UsageError

_HINT = "write one, as \"sensor like 'robot-%' and event_time >= date '2026-11-01'\""


def require_condition(text: str, option: str) -> None:
    """Refuses a text that could end the parentheses around it, and so do more than filter.

    Its columns and types are checked by Athena.

    Args:
        text: the condition.
        option: by which it was given.

    Raises:
        UsageError: it is not one balanced expression.
    """
    from sqlglot import tokenize
    from sqlglot.errors import TokenError
    from sqlglot.tokenizer_core import TokenType

    try:
        tokens = tokenize(text, read="trino")
    except TokenError as error:
        raise UsageError(f"{option} {text!r} has a quote that is not closed", hint=_HINT) from error
    if not tokens or any(token.comments for token in tokens):
        raise UsageError(f"{option} {text!r} is empty or has a comment", hint=_HINT)
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise UsageError(f"{option} {text!r} is more than one condition", hint=_HINT)
    changes = ({TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0) for token in tokens)
    depths = list(accumulate(changes))
    if depths[-1] or min(depths) < 0:
        raise UsageError(f"{option} {text!r}: its parentheses do not match", hint=_HINT)


def mentions(text: str, column: str) -> bool:
    """Whether a condition names a column."""
    from sqlglot import tokenize
    from sqlglot.tokenizer_core import TokenType

    return any(
        token.text.lower() == column and token.token_type is not TokenType.STRING
        for token in tokenize(text, read="trino")
    )
