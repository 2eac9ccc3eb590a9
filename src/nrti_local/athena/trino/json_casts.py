"""Casts from and to JSON."""

from __future__ import annotations

from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.texts import text
from nrti_local.athena.trino.types import INTEGERS, JSON, Type, quoted

#: What JSON can be cast to besides arrays, maps and rows of these.
_FROM_JSON = ("boolean", *INTEGERS, "real", "double", "decimal", "varchar")


def json_cast(value: Value, target: Type) -> Value | None:
    """Returns a cast from or to JSON, or None if Trino has no such cast."""
    sql = _to_json(value.sql, value.type) if target == JSON else _from_json(value.sql, target)
    return None if sql is None else Value(sql, target)


def _to_json(sql: str, source: Type) -> str | None:  # noqa: PLR0911 (one for each kind of type)
    if source.name == "array":
        name = f"j{len(sql)}_"
        element = _to_json(name, source.inner[0])
        return element and f"TO_JSON(LIST_TRANSFORM({sql}, LAMBDA {name} : {element}))"
    if source.name == "map":
        name = f"j{len(sql)}_"
        item = _to_json(f"{name}.value", source.inner[1])
        key = text(f"{name}.key", source.inner[0])
        if item is None or key is None:
            return None
        pair = f"STRUCT_PACK(k := {key}, v := {item})"
        return f"trino_json_object(LIST_TRANSFORM(MAP_ENTRIES({sql}), LAMBDA {name} : {pair}))"
    if source.name == "row":
        members = [
            _to_json(f"r_.{quoted(name)}", kind)
            for name, kind in zip(source.field_names, source.inner, strict=True)
        ]
        if any(each is None for each in members):
            return None
        pairs = ", ".join(f"'{name}', {member}" for name, member in zip(source.fields, members, strict=True))
        return f"LIST_TRANSFORM([{sql}], LAMBDA r_ : JSON_OBJECT({pairs}))[1]"
    if source.name == "json":
        return sql
    if source.is_number or source.name == "boolean":
        return f"TO_JSON({sql})"
    plain = text(sql, source)
    return plain and f"TO_JSON({plain})"


def _from_json(sql: str, target: Type) -> str | None:  # noqa: PLR0911 (one for each kind of type)
    if target.name in _FROM_JSON:
        scalar = f"trino_json_scalar({sql}, '{target}')"
        if target.name == "varchar":
            return scalar
        if target.name in INTEGERS:
            return f"CAST(trino_json_integer({sql}, '{target}') AS {target.duckdb})"
        if target.name == "boolean":
            return f"trino_json_boolean({scalar})"
        return f"CAST({scalar} AS {target.duckdb})"
    name = f"j{len(sql)}_"
    if target.name == "array":
        element = _from_json(name, target.inner[0])
        return (
            element and f"LIST_TRANSFORM(trino_json_elements({sql}, '{target}'), LAMBDA {name} : {element})"
        )
    if target.name == "map" and target.inner[0].name == "varchar":
        item = _from_json(f"{name}.value", target.inner[1])
        pair = f'STRUCT_PACK("key" := {name}.key, "value" := {item})'
        if item is None:
            return None
        members = f"trino_json_members({sql}, '{target}')"
        return f"MAP_FROM_ENTRIES(LIST_TRANSFORM({members}, LAMBDA {name} : {pair}))"
    if target.name == "row":
        return _row_from_json(sql, target)
    return sql if target == JSON else None


def _row_from_json(sql: str, target: Type) -> str | None:
    members = []
    for index, (name, kind) in enumerate(zip(target.field_names, target.inner, strict=True)):
        path = f"CASE WHEN JSON_TYPE(r_) = 'ARRAY' THEN r_ -> '$[{index}]' ELSE r_ -> '$.\"{name}\"' END"
        member = _from_json(f"({path})", kind)
        if member is None:
            return None
        members.append(f"{quoted(name)} := {member}")
    packed = f"STRUCT_PACK({', '.join(members)})"
    return f"LIST_TRANSFORM([{sql}], LAMBDA r_ : CASE WHEN r_ IS NULL THEN NULL ELSE {packed} END)[1]"
