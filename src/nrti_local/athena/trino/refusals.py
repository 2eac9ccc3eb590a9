"""The errors of Trino's analysis of a statement, and those of the embedded AWS alone."""

from __future__ import annotations

import re

from sqlglot import exp

from nrti_local.athena.errors import AthenaError, elsewhere, position

#: What follows the left operand: an operator, or the keyword of a predicate.
_OPERATOR = re.compile(r"[-+*/%<>=!|]+|\b(?:not\s+)?(?:between|in|like|is)\b", re.IGNORECASE)


#: Marks the SELECT of a view in a tree: its positions are those of another text.
VIEW = "view"


class RefusalError(Exception):
    """A part of a statement is refused.

    Args:
        code: Trino's error code, such as `TYPE_MISMATCH`.
        text: Trino's text without the position.
        node: the part.
    """

    def __init__(self, code: str, text: str, node: exp.Expr) -> None:
        super().__init__(text)
        self._code, self._text, self._node = code, text, node

    def located(self, sql: str) -> AthenaError:
        """Returns the error with the position in the statement: `TYPE_MISMATCH: line 1:8: …`."""
        start = _location(self._node, sql)
        where = "" if start is None else f"{position(sql, start)}: "
        return AthenaError(f"{self._code}: {where}{self._text}")


def _location(node: exp.Expr, sql: str) -> int | None:
    """Returns the offset that Trino names: the operator's, or that of the first word; None if unknown."""
    own = node.walk(prune=lambda each: VIEW in each.meta)
    start = min((each.meta["start"] for each in own if "start" in each.meta), default=None)
    if not isinstance(node, exp.Binary | exp.Predicate) or isinstance(node, exp.Connector | exp.Exists):
        return start
    end = max((each.meta["end"] for each in node.this.walk() if "end" in each.meta), default=None)
    operator = None if end is None else _OPERATOR.search(sql, end + 1)
    return operator.start() if operator else start


def mismatch(text: str, node: exp.Expr) -> RefusalError:
    """Returns the refusal of types that do not go together."""
    return RefusalError("TYPE_MISMATCH", text, node)


def absent(what: str, node: exp.Expr) -> RefusalError:
    """Returns the refusal of what Athena has and the embedded AWS lacks."""
    return RefusalError("NOT_SUPPORTED", elsewhere(what), node)
