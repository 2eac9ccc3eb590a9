"""Every link of the documents leads somewhere, and every code block is run or says why not."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from nrti_cli.commands.index import COMMANDS
from tests.documents import DOCUMENTS, ROOT, Block, blocks, tokens

BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]
_LINK = re.compile(r"(?:https?|mailto):")
_COMMAND = re.compile(r"^(?:\$ |nrti |make |aws |curl |pip )", re.MULTILINE)
#: What tests/local/test_documents.py does.
_RUN = ("run", "slow", "output of:")
_OF_TODAY = [document for document in DOCUMENTS if document.name != "CHANGELOG.md"]
#: A file of the repository; not one of an artifact, which are under code/, nor a name with a PLACEHOLDER.
_FILE = re.compile(
    r"\b(?!code/)(?:[a-z_]+/)+[a-z\d_.-]+\.(?:py|json|ya?ml|mjs)\b|\b(?:src|tests|docs)/(?:[a-z_]+/)+"
)
#: Where the files lie that documents name without their directory.
_PLACES = (ROOT, ROOT / "src" / "nrti_cli", ROOT / "src" / "nrti_local")
_CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
_HEADINGS = {"h1", "h2", "h3", "h4"}


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def _links(document: Path) -> Iterator[str]:
    for token in tokens(document):
        for child in token.children or ():
            link = child.attrs.get("href") or child.attrs.get("src")
            if link and not _LINK.match(str(link)):
                yield str(link)


def _anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    parsed = tokens(document)
    headings = [after.content for each, after in pairwise(parsed) if each.tag in _HEADINGS]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "docs" / "cli.md"], ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in _links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document

        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in _links(ROOT / "README.md")}
    pages = {*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"}

    assert not {page for page in pages - linked if page.name != "sagemaker-moto.md"}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_run_or_says_why_not(block: Block) -> None:
    if block.language in {"sh", "console"}:
        assert block.note.startswith((*_RUN, "run by ", "not run: ")), f"{block}: how is it tested?"
    elif block.language == "text":
        assert not _COMMAND.search(block.text), f"{block}: commands are sh or console"
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "ini":
        configparser.ConfigParser().read_string(block.text)
    else:
        assert block.language, f"{block}: name its language"
        assert block.note.startswith(("part of ", "not run: ")), f"{block}: how is it tested?"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.after("part of ")], ids=str)
def test_a_part_of_a_program_is_in_it(block: Block) -> None:
    assert block.text in (ROOT / str(block.after("part of "))).read_text()


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.after("run by ")], ids=str)
def test_the_test_of_a_block_names_its_document(block: Block) -> None:
    assert f'"{block.document.name}"' in (ROOT / str(block.after("run by "))).read_text()


def test_the_readme_fits_in_three_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


@pytest.mark.parametrize("document", _OF_TODAY, ids=_name)
def test_files_in_the_text_exist(document: Path) -> None:
    named = [name for code in _inline_code(document) for name in _FILE.findall(code)]

    assert not [name for name in named if not any((place / name).exists() for place in _PLACES)]


@pytest.mark.parametrize("document", [each for each in _OF_TODAY if each.name != "local-aws.md"], ids=_name)
def test_options_in_the_text_exist(document: Path) -> None:
    words = [word for code in _inline_code(document) for word in code.split()]
    options = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}

    assert not options - set(re.findall(r"--[a-z-]+", (ROOT / "docs" / "cli.md").read_text()))


def _inline_code(document: Path) -> Iterator[str]:
    for token in tokens(document):
        yield from (child.content for child in token.children or () if child.type == "code_inline")


def test_contributing_has_every_target_of_tests_and_no_other() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?(?:make )?((?:test|chaos|fuzz|soak|overload|drift)[a-z-]*)`", _CONTRIBUTING))

    assert set(re.findall(r"make ([a-z-]+)", _CONTRIBUTING)) <= targets
    assert {each for each in targets if each.startswith("test-")} <= named


def test_the_version_has_a_dated_section_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.search(
        rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


def test_the_tour_names_every_command() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text()

    assert not [name for name in COMMANDS if f"nrti {name}" not in tour]
