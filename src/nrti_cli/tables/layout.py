"""What is known of a file whose rows are to be sent: how it is written, and what its columns are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nrti_cli.tables.form import FOUND, Form
from nrti_cli.tables.schema import Schema


@dataclass(frozen=True)
class Layout:
    """How a file is read.

    Attributes:
        form: how CSV is written.
        schema: what its columns are.
        named: the columns that the user named, which must be there.
        cuts: whether the user asks for windows, so that objects with `data` are no events as they are.
    """

    form: Form = FOUND
    schema: Schema = field(default_factory=Schema)
    named: tuple[str, ...] = ()
    cuts: bool = False

    @property
    def plain(self) -> Schema:
        """The schema without the values that a model takes."""
        return replace(self.schema, features=(), window=None)


PLAIN = Layout()
