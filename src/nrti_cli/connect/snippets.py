"""Sample programs that send one event. The templates are in `snippets/`, with {{names}} for the values."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nrti_cli.connect.connection import Connection
from nrti_cli.errors import NrtiError

_TEXTS = Path(__file__).parent / "snippets"
_SENSOR = "robot-7"
#: The values of the demo data; longer sequences repeat them.
_VALUES = (12, 80, 9)
#: The environment variable with the API key, and the command that sets it.
_KEY_VARIABLE = "NRTI_API_KEY"
SET_KEY = 'eval "$(nrti connect --format env)"'


@dataclass(frozen=True)
class Language:
    """The syntax of a language.

    Attributes:
        file: its template in `snippets/`.
        quote: makes a string literal; those of JSON are valid in Python, C and JavaScript, too.
        key: the expression that reads the API key from the environment.
    """

    file: str
    quote: Callable[[str], str]
    key: str


LANGUAGES: Mapping[str, Language] = {
    "curl": Language(
        "curl.txt", shlex.quote, f"${{{_KEY_VARIABLE}:?{shlex.quote(f'is not set: {SET_KEY}')}}}"
    ),
    "python": Language("python.txt", json.dumps, f'os.environ.get("{_KEY_VARIABLE}")'),
    "c": Language("c.txt", json.dumps, f'getenv("{_KEY_VARIABLE}")'),
    "javascript": Language("javascript.txt", json.dumps, f"process.env.{_KEY_VARIABLE}"),
}


def snippet(language: str, connection: Connection) -> str:
    """Returns a program; it reads the API key from the environment unless the connection has it.

    Raises:
        NrtiError: no model is published, or the length of its sequences is unknown.
    """
    how = LANGUAGES[language]
    event = json.dumps(example(connection))
    filled = {
        "url": how.quote(connection.predictions_url),
        "key": how.quote(connection.api_key) if connection.api_key else how.key,
        "event": event,
        "quoted_event": how.quote(event),
        "quoted_set_key": how.quote(f"{_KEY_VARIABLE} is not set: {SET_KEY}"),
    }
    text = (_TEXTS / how.file).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda name: filled[name[1]], text)


def example(connection: Connection) -> dict[str, object]:
    """Returns an event that the connection's model can score.

    Raises:
        NrtiError: no model is published, or the length of its sequences is unknown.
    """
    if connection.model is None:
        raise NrtiError("no model is published", hint="run nrti train --name failure-v1")
    if connection.length is None:
        raise NrtiError(
            f"the length of the sequences of model {connection.model!r} is unknown",
            hint="publish it with --sample, or name another model with --model",
        )
    data = [_VALUES[position % len(_VALUES)] for position in range(connection.length)]
    return {"sensor": _SENSOR, "model": connection.model, "data": data}


def environment(connection: Connection) -> str:
    """Returns lines for `eval` in a POSIX shell."""
    variables = {
        "NRTI_EVENTS_URL": connection.events_url,
        "NRTI_PREDICTIONS_URL": connection.predictions_url,
        "NRTI_LABELS_URL": connection.labels_url,
        "NRTI_MODEL": connection.model,
        _KEY_VARIABLE: connection.api_key,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items() if value)
