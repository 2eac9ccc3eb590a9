"""The columns of a file of labels, and what its labels refer to."""

from __future__ import annotations

from dataclasses import dataclass, field

from nrti_cli.labels.batch import Form
from nrti_cli.tables.faults import listed, unfit
from nrti_cli.tables.formats.blocks import Table
from nrti_cli.tables.formats.form import FOUND
from nrti_cli.tables.formats.form import Form as CsvForm

_HINT = (
    "name them event_id, or sensor and timestamp, or sensor, start and end; or use --event-column and so on"
)
#: The columns of each form without the label; the first form whose own column is in the file is chosen.
_FORMS: tuple[tuple[Form, tuple[str, ...]], ...] = (
    ("event", ("event_id",)),
    ("interval", ("start", "end", "sensor")),
    ("time", ("timestamp", "sensor")),
)


@dataclass(frozen=True)
class Columns:
    """What the user said about a file of labels.

    Attributes:
        names: the column of the file for `event_id`, `sensor`, `timestamp`, `start`, `end` or `label`, if it
            has another name.
        positive: the values that mean a failure; empty for the usual pairs.
        label: the label of all rows, for a file that has none.
        time_format: a format for `strptime`; None for ISO 8601 and epoch times.
        form: of CSV.
    """

    names: dict[str, str] = field(default_factory=dict)
    positive: tuple[str, ...] = ()
    label: int | None = None
    time_format: str | None = None
    form: CsvForm = FOUND

    def column(self, role: str) -> str:
        """The name of a column in the file."""
        return self.names.get(role, role)

    def form_of(self, table: Table) -> Form:
        """What the labels of a file are about.

        Raises:
            NrtiError: a column is missing.
        """
        wrong = [name for name in self.names.values() if name not in table.names]
        if wrong:
            raise unfit(
                table.shown, f"has no column {listed(wrong, 2)}, it has {_names(table)}", "correct it"
            )
        if self.label is not None and self.column("label") in table.names:
            raise unfit(
                table.shown, f"has labels in its column {self.column('label')!r}", "leave out --label"
            )
        for form, roles in _FORMS:
            if self.column(roles[0]) in table.names:
                self._require(table, [*roles, *(["label"] if self.label is None else [])])
                return form
        raise unfit(table.shown, f"has no events, sensors or times to label, it has {_names(table)}", _HINT)

    def _require(self, table: Table, roles: list[str]) -> None:
        lacking = [self.column(role) for role in roles if self.column(role) not in table.names]
        if lacking:
            hint = "add --label 1 if all rows are failures" if lacking == [self.column("label")] else _HINT
            raise unfit(table.shown, f"has no column {listed(lacking, 2)}, it has {_names(table)}", hint)


def _names(table: Table) -> str:
    return listed(table.names, 5)
