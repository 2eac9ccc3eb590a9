"""The names that an expression can use: the columns of FROM, of outer queries, and lambda variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from sqlglot import exp

from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.types import Type


@dataclass(frozen=True)
class Value:
    """An expression: DuckDB's text for it, and its Trino type."""

    sql: str
    type: Type


@dataclass(frozen=True)
class Column:
    """A column that expressions can name.

    Attributes:
        name: as in the statement; an empty text if it has none.
        value: DuckDB's text and the Trino type.
        table: the name of its relation, if that has one.
        hidden: whether `*` leaves it out.
        merged: whether only its relation's name reaches it, because of USING.
    """

    name: str
    value: Value
    table: str = ""
    hidden: bool = False
    merged: bool = False


@dataclass(frozen=True)
class Relation:
    """What FROM names or a query returns.

    Attributes:
        sql: DuckDB's text: the name of a table, or a query without parentheses.
        columns: the names, which are empty for columns without one, and the types, in the order of DuckDB's
            columns.
        hidden: the number of columns at the end that `*` leaves out.
    """

    sql: str
    columns: list[tuple[str, Type]]
    hidden: int = 0


@dataclass
class Statement:
    """What all parts of a statement share.

    Attributes:
        table: returns the relation of a table of the catalog.
    """

    table: Callable[[exp.Table], Relation]
    _numbers: Iterator[int] = field(default_factory=count)

    def unique(self, prefix: str) -> str:
        """Returns a name that nothing else in the statement has."""
        return f"{prefix}{next(self._numbers)}"


class Scope:
    """The names of one SELECT.

    Args:
        statement: what the scope belongs to.
        parent: the scope of the query that contains this one.

    Attributes:
        columns: of the relations in FROM.
        relations: the queries of WITH, by name.
        outputs: the columns of the result, which only ORDER BY can name.
        keys: DuckDB's texts of the expressions in GROUP BY.
        free: the columns outside of aggregations that were used and are no keys.
        aggregates: whether an aggregation was used.
        grouped: whether there is GROUP BY.
        windows: the windows that the clause WINDOW names.
        first_free: the columns of the result with columns that are no keys.
        lambdas: the variables of the lambda expressions around, the innermost ones last.
        clause: the clause that allows no aggregations, such as `WHERE clause`; empty in others.
    """

    def __init__(self, statement: Statement, parent: Scope | None = None) -> None:
        self.statement = statement
        self.parent = parent
        self.columns: list[Column] = []
        self.relations: dict[str, Relation] = dict(parent.relations) if parent else {}
        self.outputs: list[Column] = []
        self.keys: set[str] = set()
        self.free: list[exp.Expr] = []
        self.aggregates = False
        self.grouped = False
        self.windows: dict[str, exp.Window] = {}
        self.first_free: list[exp.Expr] = []
        self.clause = ""
        self.lambdas: list[dict[str, Value]] = []

    @contextmanager
    def variables(self, values: dict[str, Value]) -> Iterator[None]:
        """Adds the variables of a lambda expression."""
        self.lambdas.append(values)
        try:
            yield
        finally:
            self.lambdas.pop()

    def variable(self, name: str) -> Value | None:
        """Returns a variable of a lambda expression, the innermost one with that name."""
        found: Scope | None = self
        while found:
            for values in reversed(found.lambdas):
                if name in values:
                    return values[name]
            found = found.parent
        return None

    def column(self, node: exp.Column) -> Value | None:
        """Returns the column that a name means, here or in an outer query.

        Raises:
            RefusalError: several columns have that name.
        """
        name, table = node.name.lower(), node.table.lower()
        found = [each for each in self.columns if _matches(each, name, table)]
        if len(found) > 1:
            raise RefusalError("AMBIGUOUS_NAME", f"Column '{dotted(node)}' is ambiguous", node)
        if found:
            self.free.append(node)
            return found[0].value
        if not table and (named := [each for each in self.outputs if each.name.lower() == name]):
            return named[0].value
        return self.parent.column(node) if self.parent else None

    def visible(self, table: str, node: exp.Expr) -> list[Column]:
        """Returns the columns that `*` or `table.*` stands for.

        Raises:
            RefusalError: there is no such relation.
        """
        if not table:
            return [each for each in self.columns if not each.hidden and not each.merged]
        found = [each for each in self.columns if each.table.lower() == table.lower() and not each.hidden]
        if not found:
            raise RefusalError("TABLE_NOT_FOUND", f"Unable to resolve reference {table}", node)
        return found


def _matches(column: Column, name: str, table: str) -> bool:
    if column.name.lower() != name:
        return False
    return column.table.lower() == table if table else not column.merged


def dotted(node: exp.Column) -> str:
    """Returns a column's name as the statement has it, with its qualifiers."""
    return ".".join(part.name.lower() for part in node.parts)
