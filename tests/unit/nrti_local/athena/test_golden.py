"""The translation gives Trino's answers: the examples of the table of functions, and Trino's own tests.

Every file in `golden/` has expressions and answers, by the page, test or source of Trino that has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_local.athena.trino import functions
from tests.clients import fidelity
from tests.unit.nrti_local.athena.answering import Answering

GOLDEN = Path(__file__).with_name("golden")
#: (where it is from, expression, answer)
Row = tuple[str, str, str]


def rows_of(path: Path) -> Iterator[Row]:
    """Reads the rows of a file; a line with `# ` says where the following ones are from."""
    source = ""
    for line in path.read_text().splitlines():
        if line.startswith("# "):
            source = line[2:]
        elif line.strip():
            expression, _, answer = line.rpartition(" => ")
            yield source, expression, answer


EXAMPLES = [(row.page, each.expression, each.answer) for row in functions.table() for each in row.examples]
TESTS = [row for path in sorted(GOLDEN.glob("*.txt")) for row in rows_of(path)]
ROWS = list(dict.fromkeys([*EXAMPLES, *TESTS]))


@pytest.fixture(scope="module")
def answering() -> Iterator[Answering]:
    found = Answering()
    yield found
    found.close()


@pytest.mark.parametrize("source", sorted({row[0] for row in ROWS}))
def test_the_answers_are_trinos(answering: Answering, source: str) -> None:
    wrong = []
    for _, expression, expected in (row for row in ROWS if row[0] == source):
        answer = answering.of(expression)
        right = answer.startswith(expected) if expected.startswith("error ") else answer == expected
        wrong += [] if right else [(expression, expected, answer)]

    assert wrong == []


def test_every_function_has_an_example_and_a_page() -> None:
    for row in functions.table():
        assert row.examples, row.signature
        assert row.page.startswith("https://trino.io/docs/current/"), row.signature


def test_there_are_enough_of_them() -> None:
    assert len(ROWS) >= 400
    sources = {row[0] for row in ROWS}
    fidelity.says(f"{len(ROWS):,} expressions from {len(sources)} pages, test classes and sources")
    assert all(source.startswith(("https://", "trinodb/trino ")) for source, _, _ in ROWS)
