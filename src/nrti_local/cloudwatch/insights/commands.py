"""The commands of a query: each makes rows from rows, one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from nrti_local.cloudwatch.insights import events
from nrti_local.cloudwatch.insights.expressions import Expression, Expressions, Row
from nrti_local.cloudwatch.insights.reading import Reader
from nrti_local.cloudwatch.insights.values import MalformedQueryError, order, text

#: Rows of a result at most, and what they are without a limit.
MOST_ROWS = 10_000
_EVENT = ["@timestamp", "@message"]

Rows = list[Row]
Stage = Callable[[Rows], Rows]
#: What rows of a group have in common.
Key = tuple[str | None, ...]


class Query:
    """A query, read from its text.

    Args:
        query: such as `fields @message | filter level = "ERROR" | sort @timestamp desc`.

    Attributes:
        matched: how many events the filters left, once it ran.
        discovers: whether it reads fields that are in the messages.

    Raises:
        MalformedQueryError: it is wrong, or uses what the embedded AWS does not have.
    """

    def __init__(self, query: str) -> None:
        self._reader = Reader(query)
        self._shown: list[str] = []
        self._displayed: list[str] = []
        self._made: set[str] = set()
        self._grouped = False
        self._stages = [self._command()]
        while self._reader.take("|"):
            self._stages.append(self._command())
        if self._reader.next.kind != "end":
            raise self._reader.unexpected("<EOF>, '|'")
        self.discovers = any(name not in events.GENERATED for name in self._reader.fields)
        self.matched = 0

    def run(self, rows: Rows) -> list[dict[str, str]]:
        """The fields of each row of the result, in their order.

        Args:
            rows: of events, the newest first.
        """
        self.matched = len(rows)
        for stage in self._stages:
            rows = stage(rows)
        shown = self._displayed or self._shown or _EVENT
        return [_result(row, shown) for row in rows[:MOST_ROWS]]

    def _command(self) -> Stage:
        commands = {
            "dedup": self._dedup,
            "display": self._display,
            "fields": self._fields,
            "filter": self._filter,
            "limit": self._limit,
            "parse": self._parse,
            "sort": self._sort,
            "stats": self._stats,
        }
        name = self._reader.take(*commands)
        if not name:
            raise self._reader.unexpected(f"a command that the embedded AWS has: {', '.join(commands)}")
        return commands[name]()

    def _named(self, *, aggregating: bool = False) -> tuple[str, Expression]:
        """An expression with its name: what stands after `as`, or its text."""
        place = self._reader.place
        expression = Expressions(self._reader, aggregating=aggregating).read()
        name = self._reader.since(place).strip("`")
        return self._new(self._reader.field()) if self._reader.take("as") else name, expression

    def _new(self, name: str) -> str:
        """The name of a field that the query makes, which it makes once."""
        if name in self._made:
            raise MalformedQueryError(f"the field '{name}' is already defined in the query")
        self._made.add(name)
        return name

    def _fields(self) -> Stage:
        named = self._reader.listed(self._named)
        self._shown = [*self._shown, *(name for name, _ in named if name not in self._shown)]

        def computed(rows: Rows) -> Rows:
            for row in rows:
                row.fields |= _values(named, row)
            return rows

        return computed

    def _display(self) -> Stage:
        self._displayed = [name for name, _ in self._reader.listed(self._named)]
        return list

    def _filter(self) -> Stage:
        condition, grouped = Expressions(self._reader).read(), self._grouped

        def filtered(rows: Rows) -> Rows:
            found = [row for row in rows if condition(row)]
            if not grouped:
                self.matched = len(found)
            return found

        return filtered

    def _stats(self) -> Stage:
        computed = self._reader.listed(lambda: self._named(aggregating=True))
        by = self._reader.listed(self._named) if self._reader.take("by") else []
        self._grouped = True
        self._shown, self._displayed = [name for name, _ in [*by, *computed]], []

        def grouped(rows: Rows) -> Rows:
            groups: dict[Key, Rows] = {} if by else {(): []}
            for row in sorted(rows, key=lambda row: row.fields.get("@timestamp", 0)):
                groups.setdefault(_key([value(row) for _, value in by]), []).append(row)
            found = [Row(_values(by, members[0]) if members else {}, members) for members in groups.values()]
            for group in found:
                group.fields |= _values(computed, group)
            return found

        return grouped

    def _sort(self) -> Stage:
        def read() -> tuple[Expression, bool]:
            expression = Expressions(self._reader).read()
            return expression, self._descends()

        keys = self._reader.listed(read)

        def sorted_by_all(rows: Rows) -> Rows:
            for expression, descending in reversed(keys):
                rows = sorted(rows, key=lambda row: order(expression(row)), reverse=descending)
            return rows

        return sorted_by_all

    def _descends(self) -> bool:
        """Reads asc or desc. AWS has a default for them, but does not document it."""
        direction = self._reader.take("asc", "desc")
        if not direction:
            raise self._reader.unexpected("asc or desc, which a sort in the embedded AWS needs")
        return direction == "desc"

    def _limit(self) -> Stage:
        count = int(self._reader.of_kind("number"))
        if not 1 <= count <= MOST_ROWS:
            raise MalformedQueryError(f"limit must be between 1 and {MOST_ROWS}")
        return lambda rows: rows[:count]

    def _dedup(self) -> Stage:
        names = self._reader.listed(self._reader.field)

        def distinct(rows: Rows) -> Rows:
            found: dict[Key, Row] = {}
            for row in rows:
                found.setdefault(_key([row.fields.get(name) for name in names]), row)
            return list(found.values())

        return distinct

    def _parse(self) -> Stage:
        reader = self._reader
        name = reader.field() if reader.next.kind in {"word", "quoted"} else "@message"
        expression = reader.regex()
        if expression is None:
            expression = _glob(reader.of_kind("text"))
            reader.expect("as")
            names = [self._new(name) for name in reader.listed(reader.field)]
        else:
            names = [self._new(name) for name in expression.groupindex]
        if len(names) != expression.groups or not names:
            raise MalformedQueryError("parse needs a name for each part that it extracts, and no others")

        def parsed(rows: Rows) -> Rows:
            for row in rows:
                value = row.fields.get(name)
                found = None if value is None else expression.search(text(value))
                if found:
                    row.fields |= _present(zip(names, found.groups(), strict=True))
            return rows

        return parsed


def _glob(pattern: str) -> re.Pattern[str]:
    """The regular expression of a text with asterisks for what it extracts."""
    *parts, last = (re.escape(part) for part in pattern.split("*"))
    ending = "$" if parts and not last else ""
    return re.compile("(.*?)".join([*parts, last]) + ending, re.DOTALL)


def _values(named: Iterable[tuple[str, Expression]], row: Row) -> dict[str, Any]:
    """What some expressions compute of a row, by their names, without what is missing."""
    return _present((name, compute(row)) for name, compute in named)


def _present(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in values if value is not None}


def _key(values: Iterable[Any]) -> Key:
    return tuple(None if value is None else text(value) for value in values)


def _result(row: Row, names: list[str]) -> dict[str, str]:
    """The fields that a row shows; that of an event ends with its pointer."""
    shown = {name: text(row.fields[name]) for name in names if name in row.fields}
    return shown | {"@ptr": row.pointer()} if row.pointer else shown
