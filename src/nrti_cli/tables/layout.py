"""The layout of a file with rows to send: its format, and the roles of its columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nrti_cli.tables.formats.form import FOUND, Form
from nrti_cli.tables.schema import Schema


@dataclass(frozen=True)
class Layout:
    """The layout of a file.

    Attributes:
        form: the format of CSV.
        schema: the roles of its columns.
        named: the columns that the user named, which must exist.
        cuts: whether the user asks for windows, so that objects with `data` are not events.
    """

    form: Form = FOUND
    schema: Schema = field(default_factory=Schema)
    named: tuple[str, ...] = ()
    cuts: bool = False

    @property
    def plain(self) -> Schema:
        """The schema without the model's features."""
        return replace(self.schema, features=(), window=None)


PLAIN = Layout()
