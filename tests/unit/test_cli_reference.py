"""The committed reference is what the command line says of itself."""

import re
from pathlib import Path

import pytest

from tests.cli_reference import reference
from tests.documents import DOCUMENTS

_ROOT = Path(__file__).parents[2]
_STILTED = re.compile(
    r"\b(nobody|somebody|whoever|shall|told|tells?|(?<!make )judged?|what there is)\b"
    r"|\bthat there (is|are) not\b",
    re.IGNORECASE,
)


def test_docs_cli_md_is_what_make_docs_writes() -> None:
    committed = _ROOT / "docs" / "cli.md"

    assert committed.read_text() == reference(), "run make docs"


@pytest.mark.parametrize("path", [*DOCUMENTS, _ROOT / "docs" / "cli.md"], ids=lambda path: path.name)
def test_what_users_read_is_plain_english(path: Path) -> None:
    stilted = [line for line in path.read_text().splitlines() if _STILTED.search(line)]

    assert not stilted
