"""The commands of docs/data.md, on files as they are about: what is sent is what was trained on."""

from __future__ import annotations

import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nrti_cli.commands.index import load as command
from nrti_cli.commands.options.files import layout
from nrti_cli.models.training.datafile import load
from nrti_cli.producer.reading import read_events
from nrti_cli.producer.sources import Defaults
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.schema import Schema
from tests.documents import ROOT, blocks, commands
from tests.raw_files import MAKERS

DOCUMENT = ROOT / "docs" / "data.md"
DEFAULTS = Defaults("m", None, ("s",), None)


def _commands() -> list[list[str]]:
    scripts = [block.text for block in blocks(DOCUMENT) if block.language == "sh"]
    return [shlex.split(line)[1:] for script in scripts for line in commands(script)]


TRAINED = [each for each in _commands() if each[0] == "train"]
SENT = {each[each.index("--model") + 1]: each for each in _commands() if each[0] == "produce"}


def _options(arguments: list[str]) -> dict[str, Any]:
    name, *rest = arguments
    return dict(command(name).make_context(name, rest).params)


def _layout(options: dict[str, Any], schema: Schema | None) -> Layout:
    given = {field.name: options.get(field.name) for field in fields(Schema)}
    return layout(schema, separator=options["separator"], no_header=options["no_header"], **given)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("raw")
    for make in MAKERS:
        make(directory)
    return directory


def test_each_kind_of_file_has_its_commands() -> None:
    assert len(TRAINED) == len(SENT) == len(MAKERS)


@pytest.mark.parametrize("arguments", TRAINED, ids=lambda arguments: arguments[2])
def test_a_raw_file_is_trained_on_and_sent_as_it_is(
    files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(files)
    options = _options(arguments)
    dataset = load(options["data"], _layout(options, None), options["label_intervals"], lambda _: None)
    options = _options(SENT[options["name"]])
    known = _layout(options, dataset.schema)

    sent = [event["data"] for event in read_events(options["input_"], DEFAULTS, layout=known)]

    assert np.array_equal(np.array(sent).reshape(len(sent), -1), dataset.values)
    assert 0.05 < dataset.failures / len(sent) < 0.4
