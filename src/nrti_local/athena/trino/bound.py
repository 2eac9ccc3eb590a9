"""A call of a function whose arguments are being bound to a row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.signatures import Found


@dataclass
class Extras:
    """What may stand with a call of an aggregation, as DuckDB's text.

    Attributes:
        distinct: `DISTINCT ` or an empty text.
        order: ` ORDER BY …` inside of the parentheses.
        nulls: ` IGNORE NULLS` inside of the parentheses.
        filter: ` FILTER (WHERE …)`.
        over: ` OVER (…)`.
        mark: the number of columns that were used before the call.
    """

    distinct: str = ""
    order: str = ""
    nulls: str = ""
    filter: str = ""
    over: str = ""
    mark: int | None = None


@dataclass
class Call:
    """A call whose arguments are being bound to a row of the table.

    Attributes:
        node: the call.
        name: of the function.
        scope: where it stands.
        arguments: the values; None for lambda expressions.
        nodes: the arguments as parsed.
        found: what the variables of the signature stand for.
        extras: what stands with the call.
        bodies: the translated lambda expressions, by the number of the argument.
        markers: what stands for a variable in a body, by the numbers of the argument and of the variable.
    """

    node: exp.Expr
    name: str
    scope: Scope
    nodes: list[exp.Expr]
    extras: Extras
    arguments: list[Value | None] = field(default_factory=list)
    found: Found = field(default_factory=dict)
    bodies: dict[int, Value] = field(default_factory=dict)
    markers: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def zone(self) -> str | None:
        """The zone of the first argument that is a timestamp with time zone; UTC if there is none."""
        zoned = [each.type.zone for each in self.arguments if each and each.type.name.endswith("time zone")]
        return zoned[0] if zoned else "UTC"

    def body(self, index: int, *names: str) -> str:
        """Returns the body of a lambda expression with these names of its variables."""
        text = self.bodies[index].sql
        for number, name in enumerate(names):
            text = text.replace(self.markers[index, number], name)
        return text

    def literal(self, index: int) -> str | None:
        """Returns the text of an argument that is a string literal, or None."""
        node = self.nodes[index]
        return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None
