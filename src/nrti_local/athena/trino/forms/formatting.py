"""Java's String.format."""

from __future__ import annotations

import re

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.forms.base import arguments, constant, form, invalid, literal
from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import VARCHAR, Type

_FORMAT = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


@form
def format(call: Call, _result: Type) -> Value:  # noqa: A001 (Trino's name)
    """Java's String.format."""
    pattern = constant(call, 0, "A format")
    written, at, number, values = [], 0, 1, arguments(call)
    for match in _FORMAT.finditer(pattern):
        written.append(literal(pattern[at : match.start()]))
        at = match.end()
        position, flags, width, digits, kind = match.groups()
        if kind in "n%":
            written.append(literal("\n" if kind == "n" else "%"))
            continue
        index, number = (int(position), number) if position else (number, number + 1)
        if index >= len(values):
            raise invalid(f"Format specifier '{match[0]}' has no argument", call)
        written.append(_formatted(call, values[index], flags, width, digits, kind))
    written.append(literal(pattern[at:]))
    return Value(f"({' || '.join(written)})", VARCHAR)


def _formatted(call: Call, value: Value, flags: str, width: str | None, digits: str | None, kind: str) -> str:
    from nrti_local.athena.trino.texts import text

    if kind in "dxX" and value.type.name in ("tinyint", "smallint", "integer", "bigint"):
        form = "{:" + ("," if "," in flags else "") + ("d" if kind == "d" else kind) + "}"
        plain = f"FORMAT('{form}', CAST({value.sql} AS BIGINT))"
    elif kind in "fe" and value.type.is_number:
        form = "{:" + ("," if "," in flags else "") + f".{digits or 6}{kind}" + "}"
        plain = f"FORMAT('{form}', CAST({value.sql} AS DOUBLE))"
    elif kind in "sS" and (known := text(value.sql, value.type)):
        plain = known if kind == "s" else f"trino_capitals({known})"
        plain = f"LEFT({plain}, {digits})" if digits else plain
    else:
        raise absent(f"The format %{kind} of {value.type}", call.node)
    if "+" in flags and kind in "dfe":
        plain = f"CASE WHEN {value.sql} >= 0 THEN '+' ELSE '' END || {plain}"
    if width is None:
        return plain
    if "-" in flags:
        return f"trino_padded({plain}, {width}, false, ' ')"
    return f"trino_padded({plain}, {width}, true, {literal('0' if '0' in flags else ' ')})"
