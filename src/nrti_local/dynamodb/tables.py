"""The store of tables: it keeps the items of every table packed, and records which of them change."""

# ruff: noqa: SLF001
from __future__ import annotations

from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb

from nrti_local.durability.changes import CHANGES
from nrti_local.durability.packed.items import Items
from nrti_local.ministack.patch import Patch, private

_MODULE = "ministack.services.dynamodb"
_ITEMS = "items"
#: The range key under which ministack stores the items of a table that has none.
NO_RANGE_KEY = "__no_sort__"


class Table(dict[str, Any]):
    """A table as ministack has it, whose items are always packed.

    Args:
        content: the table, with any mapping for its items.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self._adopt(content[_ITEMS])

    def __setitem__(self, name: str, value: Any) -> None:
        """Sets a member; ministack replaces all items when it restores a table or undoes a transaction."""
        if name != _ITEMS:
            super().__setitem__(name, value)
            return
        self._adopt(value)
        if not isinstance(value, Items):  # a restored table has its saved items
            CHANGES.mark_whole(self["TableId"])

    def _adopt(self, items: Any) -> None:
        is_free = isinstance(items, Items) and items.table is None
        packed = items if is_free else Items(items)
        packed.table = self
        super().__setitem__(_ITEMS, packed)


class Tables(AccountRegionScopedDict):  # type: ignore[misc]  # ministack has no types
    """All tables.

    Args:
        tables: ministack's store.
    """

    def __init__(self, tables: AccountRegionScopedDict) -> None:
        super().__init__()
        self.update(tables)

    def __setitem__(self, name: str, table: dict[str, Any]) -> None:
        super().__setitem__(name, Table(table))

    def set_scoped(self, account: str, region: str, name: str, table: dict[str, Any]) -> None:
        """Adds a table of another account or region."""
        super().set_scoped(account, region, name, Table(table))

    def update(self, tables: AccountRegionScopedDict) -> None:
        """Adds all tables of another store, such as a saved one."""
        for (account, region, name), table in tables.all_items():
            self.set_scoped(account, region, name, table)


def table(name: str) -> dict[str, Any]:
    """A table of the caller's account and region, as ministack has it.

    Raises:
        KeyError: it does not exist.
    """
    found: dict[str, Any] | None = dynamodb._tables.get(name)
    if found is None:
        raise KeyError(name)
    return found


PATCHES = (
    Patch(
        _MODULE,
        "_tables",
        "It keeps an item as dictionaries within dictionaries, of 4 KB for a prediction, and does not know "
        "which items changed, so that every snapshot would have to write all of them.",
        Tables,
    ),
)
PRIVATE = private(_MODULE, "_tables")
