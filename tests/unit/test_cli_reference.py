"""The committed reference is what the command line says of itself."""

from pathlib import Path

from tests.cli_reference import reference


def test_docs_cli_md_is_what_make_docs_writes() -> None:
    committed = Path(__file__).parents[2] / "docs" / "cli.md"

    assert committed.read_text() == reference(), "run make docs"
