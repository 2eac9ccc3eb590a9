"""CASE, IF and CAST."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.casts import cast
from nrti_local.athena.trino.comparisons import compare
from nrti_local.athena.trino.datatypes import from_datatype
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.literals import literal_of
from nrti_local.athena.trino.macros import quiet
from nrti_local.athena.trino.operators import boolean, unify
from nrti_local.athena.trino.refusals import RefusalError, absent, mismatch
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.types import UNKNOWN


@handles(exp.Case)
def _case(node: exp.Case, scope: Scope) -> Value:
    operand = translate(node.this, scope) if node.this else None
    conditions, results = [], []
    for branch in node.args["ifs"]:
        if operand is None:
            conditions.append(boolean(branch.this, scope, "CASE WHEN clause").sql)
        else:
            conditions.append(_when(operand, translate(branch.this, scope), branch))
        results.append(translate(branch.args["true"], scope))
    default = node.args.get("default")
    results.append(translate(default, scope) if default else Value("NULL", UNKNOWN))
    *results, other = unify(results, "CASE results", node)
    branches = " ".join(f"WHEN {c} THEN {r.sql}" for c, r in zip(conditions, results, strict=True))
    return Value(f"CASE {branches} ELSE {other.sql} END", other.type)


def _when(operand: Value, value: Value, node: exp.Expr) -> str:
    try:
        return compare(operand, "=", value, node).sql
    except RefusalError as error:
        text = f"CASE operand type does not match WHEN clause operand type: {operand.type} vs {value.type}"
        raise mismatch(text, node) from error


@handles(exp.If)
def _if(node: exp.If, scope: Scope) -> Value:
    condition = boolean(node.this, scope, "IF condition").sql
    other = node.args.get("false")
    values = [
        translate(node.args["true"], scope),
        translate(other, scope) if other else Value("NULL", UNKNOWN),
    ]
    yes, no = unify(values, "Result types for IF", node)
    return Value(f"CASE WHEN {condition} THEN {yes.sql} ELSE {no.sql} END", yes.type)


@handles(exp.Cast, exp.TryCast)
def _cast(node: exp.Cast | exp.TryCast, scope: Scope) -> Value:
    target = from_datatype(node.to, node)
    inner = node.this
    attempts = isinstance(node, exp.TryCast)
    if isinstance(inner, exp.Literal) and inner.is_string and not attempts:
        known = literal_of(str(inner.this), target, node)
        if known is not None:
            return known
    value = translate(inner, scope)
    made = cast(value, target)
    if made is None:
        if value.type.zone is None and value.type.name.endswith("time zone"):
            raise absent("A timestamp whose time zone is in the data", node)
        raise mismatch(f"Cannot cast {value.type} to {target}", node)
    return Value(f"TRY({quiet(made.sql)})", made.type) if attempts else made
