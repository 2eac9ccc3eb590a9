"""What a program of `nrti connect` holds, whatever the model is called and however long its sequences are."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from nrti_cli.connect.connection import Connection
from nrti_cli.connect.snippets import LANGUAGES, environment, example, snippet
from nrti_cli.errors import NrtiError

KEY = 'k3y-that\'s "quoted"'
FOUND = Connection(
    "https://a.b/v1/events", "https://a.b/v1/predictions", "https://a.b/v1/labels", None, "failure-v1", 5
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_to_fill_in(language: str) -> None:
    text = snippet(language, FOUND)

    assert "{{" not in text.replace("${{", "")
    assert FOUND.predictions_url in text
    assert max(map(len, text.splitlines())) <= 120


def test_the_sequence_is_as_long_as_the_model_takes() -> None:
    assert example(FOUND)["data"] == [12, 80, 9, 12, 80]


def test_a_key_with_quotes_is_still_one_text() -> None:
    with_key = Connection(FOUND.events_url, FOUND.predictions_url, FOUND.labels_url, KEY, "failure-v1", 3)

    tree = ast.parse(snippet("python", with_key))

    assert KEY in {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize(
    ("model", "length", "reason"),
    [(None, None, "no model is published"), ("other", None, "of the sequences of model 'other' is unknown")],
)
def test_a_program_needs_a_model_and_its_length(model: str | None, length: int | None, reason: str) -> None:
    with pytest.raises(NrtiError, match=reason):
        snippet("c", replace(FOUND, model=model, length=length))


def test_a_shell_gets_what_there_is() -> None:
    lines = environment(Connection("e", "p", "l", "key")).splitlines()

    assert lines == [
        "export NRTI_EVENTS_URL=e",
        "export NRTI_PREDICTIONS_URL=p",
        "export NRTI_LABELS_URL=l",
        "export NRTI_API_KEY=key",
    ]
