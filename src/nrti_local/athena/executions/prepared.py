"""The prepared statements of a work group, which ministack keeps."""

from __future__ import annotations

from typing import Any

from ministack.services import athena

from nrti_local.server.shared.ask import RefusedError, ask_json


class Prepared:
    """The prepared statements of a work group of the current account and region.

    Args:
        workgroup: its name.
    """

    def __init__(self, workgroup: str) -> None:
        self._workgroup = workgroup

    def prepare(self, name: str, query: str) -> None:
        """Keeps a statement; replaces one of the same name."""
        if self.prepared(name) is not None:
            self.deallocate(name)
        self._ask("CreatePreparedStatement", StatementName=name, QueryStatement=query)

    def prepared(self, name: str) -> str | None:
        """Returns a statement, or None."""
        try:
            found = self._ask("GetPreparedStatement", StatementName=name)
        except RefusedError:
            return None
        return str(found["PreparedStatement"]["QueryStatement"])

    def deallocate(self, name: str) -> None:
        """Deletes a statement that exists."""
        self._ask("DeletePreparedStatement", StatementName=name)

    def _ask(self, operation: str, **request: Any) -> Any:
        return ask_json(athena, f"AmazonAthena.{operation}", {"WorkGroup": self._workgroup, **request})
