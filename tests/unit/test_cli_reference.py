"""The committed reference is what the command line says of itself."""

import re
from pathlib import Path

import pytest

from tests.cli_reference import reference
from tests.documents import DOCUMENTS
from tests.plain_english import AVOIDED

_ROOT = Path(__file__).parents[2]
#: What users do not read either, although the code has it.
_STILTED = re.compile(
    r"\b(tell|(?<!make )judged?|what there is)\b|\bthat there (is|are) not\b", re.IGNORECASE
)


def test_docs_cli_md_is_what_make_docs_writes() -> None:
    committed = _ROOT / "docs" / "cli.md"

    assert committed.read_text() == reference(), "run make docs"


@pytest.mark.parametrize("path", [*DOCUMENTS, _ROOT / "docs" / "cli.md"], ids=lambda path: path.name)
def test_what_users_read_is_plain_english(path: Path) -> None:
    stilted = [
        line for line in path.read_text().splitlines() if AVOIDED.search(line) or _STILTED.search(line)
    ]

    assert not stilted
