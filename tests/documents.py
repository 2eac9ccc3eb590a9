"""The Markdown files of the repository: their code blocks, and how each of them is tested.

A comment before a block says how, if its language does not:

    <!-- run -->                          by `make test-docs`, on the pipeline that its tests share
    <!-- slow -->                         by `make test-docs`, on an embedded AWS of its own
    <!-- output of: nrti COMMAND … -->    JSON whose fields are compared with what the command prints
    <!-- run by tests/… -->               a test of its own, which names the document
    <!-- part of FILE -->                 a piece of a program that is tested
    <!-- not run: REASON -->
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
#: All but docs/cli.md, which a program writes.
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/*.md", "benchmarks/*.md", ".github/*.md")
    for path in sorted(ROOT.glob(pattern))
    if path.name != "cli.md"
]
_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced code block.

    Attributes:
        line: of the fence, counted from 1.
        note: the text of the comment right before it, or nothing.
    """

    document: Path
    line: int
    language: str
    text: str
    note: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"

    def after(self, prefix: str) -> str | None:
        """What follows a prefix in the note, or None if it begins otherwise."""
        return self.note.removeprefix(prefix).strip() if self.note.startswith(prefix) else None


def tokens(document: Path) -> list[Token]:
    """What a Markdown parser makes of a document."""
    return MarkdownIt("commonmark").enable("table").parse(document.read_text())


def blocks(document: Path) -> Iterator[Block]:
    """The code blocks of a document, in order."""
    note = ""
    for token in tokens(document):
        if token.type in {"fence", "code_block"}:
            yield Block(document, (token.map or [0])[0] + 1, token.info.strip(), token.content, note)
        comment = _COMMENT.fullmatch(token.content.strip()) if token.type == "html_block" else None
        note = comment[1] if comment else ""


def section(document: Path, heading: str) -> list[Block]:
    """The code blocks below a heading of the second level."""
    lines = document.read_text().splitlines()
    begin = lines.index(f"## {heading}")
    end = next((at for at in range(begin + 1, len(lines)) if lines[at].startswith("## ")), len(lines))
    return [block for block in blocks(document) if begin < block.line <= end]


def commands(text: str) -> list[str]:
    """The lines of a shell script with continued ones in one piece, without comments and blank lines."""
    lines = text.replace("\\\n", "").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
