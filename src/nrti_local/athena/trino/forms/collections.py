"""Rows, arrays and maps."""

from __future__ import annotations

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.forms.base import arguments, form
from nrti_local.athena.trino.nested import equal
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import Type, array, quoted, row


@form
def make_row(call: Call, _result: Type) -> Value:
    """A row whose fields have no names."""
    return row_of(arguments(call))


def row_of(values: list[Value]) -> Value:
    """Returns a row of values without names."""
    kind = row([("", each.type) for each in values])
    fields = zip(kind.field_names, values, strict=True)
    return Value(f"STRUCT_PACK({', '.join(f'{quoted(name)} := {each.sql}' for name, each in fields)})", kind)


@form
def make_zip(call: Call, _result: Type) -> Value:
    """An array of rows; missing elements are NULL."""
    values = arguments(call)
    kind = array(row([("", each.type.inner[0]) for each in values]))
    name = call.scope.statement.unique("v")
    lengths = ", ".join(f"LEN({each.sql})" for each in values)
    fields = ", ".join(
        f"{quoted(field)} := ({each.sql})[{name}]"
        for field, each in zip(kind.inner[0].field_names, values, strict=True)
    )
    missing = " OR ".join(f"{each.sql} IS NULL" for each in values)
    elements = f"LIST_TRANSFORM(RANGE(1, GREATEST({lengths}) + 1), LAMBDA {name} : STRUCT_PACK({fields}))"
    return Value(f"CASE WHEN {missing} THEN NULL ELSE {elements} END", kind)


@form
def marked(call: Call, result: Type) -> Value:
    """A function of the elements that equal a value, by the macro of its name."""
    values, item = arguments(call)
    pair, name = (call.scope.statement.unique("v") for _ in range(2))
    same = equal(name, f"{pair}.x", values.type.inner[0])
    mark = f"CASE WHEN {name} IS NULL THEN NULL ELSE COALESCE(CAST({same} AS INTEGER), 2) END"
    marks = f"LIST_TRANSFORM({pair}.a, LAMBDA {name} : {mark})"
    found = f"trino_{call.name}({pair}.a, {pair}.x, {marks})"
    given = f"STRUCT_PACK(a := {values.sql}, x := {item.sql})"
    return Value(f"LIST_TRANSFORM([{given}], LAMBDA {pair} : {found})[1]", result)


@form
def array_sort(call: Call, result: Type) -> Value:
    """Sorts by a comparator: an element's place is the number of elements that come before it."""
    one, other, pair, values = (call.scope.statement.unique("v") for _ in range(4))
    before = f"LEN(LIST_FILTER({values}, LAMBDA {other} : {call.body(1, other, one)} < 0))"
    place = f"STRUCT_PACK(n := {before}, i := {pair}, e := {one})"
    ranked = f"LIST_TRANSFORM({values}, LAMBDA {one}, {pair} : {place})"
    ordered = f"LIST_TRANSFORM(LIST_SORT({ranked}), LAMBDA {one} : {one}.e)"
    return Value(f"LIST_TRANSFORM([{arguments(call)[0].sql}], LAMBDA {values} : {ordered})[1]", result)


@form
def entries_to_map(call: Call, result: Type) -> Value:
    """A map of rows with two fields."""
    value = arguments(call)[0]
    entry = value.type.inner[0]
    key, item = entry.field_names
    name = call.scope.statement.unique("v")
    pair = f"STRUCT_PACK(k := {name}.{quoted(key)}, v := {name}.{quoted(item)})"
    pairs = f"LIST_TRANSFORM({value.sql}, LAMBDA {name} : {pair})"
    macro = "trino_multimap" if call.name.startswith("multimap") else "trino_map"
    return Value(f"{macro}({pairs})", result)
