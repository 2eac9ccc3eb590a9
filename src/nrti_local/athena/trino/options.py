"""Options of the syntax that no function here reads.

sqlglot reads those of all dialects, and each of its releases may add one.
"""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.refusals import RefusalError

#: The optional arguments of sqlglot's expressions that the translation reads, or that change nothing.
_READ: dict[type[exp.Expr], set[str]] = {
    exp.Alias: {"alias"},
    exp.Anonymous: {"expressions"},
    exp.Array: {"bracket_notation", "expressions"},
    exp.Bracket: {"offset", "returns_list_for_maps", "safe"},
    exp.Case: {"default", "this"},
    exp.Column: {"catalog", "db", "table"},
    exp.ColumnDef: {"kind"},
    exp.Cube: {"expressions"},
    exp.CurrentTimestamp: {"this"},
    exp.DPipe: {"safe"},
    exp.DataType: {"expressions", "kind", "nested", "values"},
    exp.Distinct: {"expressions"},
    exp.Div: {"safe", "typed"},
    exp.Except: {"distinct", "limit", "offset", "order", "with_"},
    exp.Fetch: {"count", "direction", "limit_options"},
    exp.Group: {"expressions"},
    exp.GroupConcat: {"on_overflow", "separator"},
    exp.GroupingSets: {"expressions"},
    exp.Identifier: {"quoted"},
    exp.If: {"false"},
    exp.In: {"expressions", "query"},
    exp.Intersect: {"distinct", "limit", "offset", "order", "with_"},
    exp.Interval: {"this", "unit"},
    exp.Join: {"kind", "method", "on", "side", "using"},
    exp.Lateral: {"alias", "cross_apply", "ordinality", "outer", "view"},
    exp.Like: {"negate"},
    exp.Limit: {"this"},
    exp.LimitOptions: {"rows", "with_ties"},
    exp.Localtimestamp: {"this"},
    exp.Offset: {"this"},
    exp.Order: {"this"},
    exp.Ordered: {"desc", "nulls_first"},
    exp.OverflowTruncateBehavior: {"this", "with_count"},
    exp.ParseJSON: {"expression"},
    exp.Rollup: {"expressions"},
    exp.Select: {
        "distinct", "expressions", "from_", "group", "having", "joins", "laterals", "limit", "offset",
        "order", "where", "windows", "with_",
    },
    exp.StrPosition: {"occurrence", "position"},
    exp.Subquery: {"alias", "joins", "limit", "offset", "order", "sample", "with_"},
    exp.Substring: {"length", "start"},
    exp.Table: {"alias", "catalog", "db", "joins", "sample", "this", "version"},
    exp.TableAlias: {"columns", "this"},
    exp.TableSample: {"method", "percent"},
    exp.Trim: {"expression", "position"},
    exp.TryCast: {"safe"},
    exp.Tuple: {"expressions"},
    exp.Union: {"distinct", "limit", "offset", "order", "with_"},
    exp.Unnest: {"alias", "offset"},
    exp.UnicodeString: {"escape"},
    exp.Values: {"alias"},
    exp.Window: {"alias", "order", "over", "partition_by", "spec"},
    exp.WindowSpec: {"end", "end_side", "kind", "start", "start_side"},
    exp.With: {"expressions"},
}  # fmt: skip


def check(tree: exp.Expr) -> None:
    """Checks that a tree which has been translated has no option that the translation left out.

    Raises:
        RefusalError: it has one.
    """
    for node in tree.walk():
        for name, value in node.args.items():
            if value and not node.arg_types.get(name) and name not in _READ.get(type(node), ()):
                option = name.strip("_").replace("_", " ").upper()
                raise RefusalError("SYNTAX_ERROR", f"{option} of {node.key.upper()} is not supported", node)
