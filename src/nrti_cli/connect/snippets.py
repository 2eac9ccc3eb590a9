"""Programs that send one event as they are: `snippets/` has the texts, with {{names}} of what is put in."""

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
#: The demo's values; longer sequences repeat them.
_VALUES = (12, 80, 9)
#: Where the API key is looked for, and what sets it.
KEY_VARIABLE = "NRTI_API_KEY"
SET_KEY = 'eval "$(nrti connect --format env)"'


@dataclass(frozen=True)
class Language:
    """How a language writes things down.

    Attributes:
        file: of the text, in `snippets/`.
        quote: makes a literal of a text; those of JSON are literals of Python, C and JavaScript too.
        key: reads the API key from the environment.
    """

    file: str
    quote: Callable[[str], str]
    key: str


LANGUAGES: Mapping[str, Language] = {
    "curl": Language(
        "curl.txt", shlex.quote, f"${{{KEY_VARIABLE}:?{shlex.quote(f'is not set: {SET_KEY}')}}}"
    ),
    "python": Language("python.txt", json.dumps, f'os.environ.get("{KEY_VARIABLE}")'),
    "c": Language("c.txt", json.dumps, f'getenv("{KEY_VARIABLE}")'),
    "javascript": Language("javascript.txt", json.dumps, f"process.env.{KEY_VARIABLE}"),
}


def snippet(language: str, connection: Connection) -> str:
    """A program in that language; it reads the API key from the environment unless the connection has it.

    Raises:
        NrtiError: there is no model that the event could name, or its length is unknown.
    """
    how = LANGUAGES[language]
    event = json.dumps(example(connection))
    filled = {
        "url": how.quote(connection.predictions_url),
        "key": how.quote(connection.api_key) if connection.api_key else how.key,
        "event": event,
        "quoted_event": how.quote(event),
        "quoted_set_key": how.quote(f"{KEY_VARIABLE} is not set: {SET_KEY}"),
    }
    text = (_TEXTS / how.file).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda name: filled[name[1]], text)


def example(connection: Connection) -> dict[str, object]:
    """An event that the connection's model can judge.

    Raises:
        NrtiError: there is no model, or its length is unknown.
    """
    if connection.model is None:
        raise NrtiError(
            "no model is published that an event could name", hint="run nrti train --name failure-v1"
        )
    if connection.length is None:
        raise NrtiError(
            f"how many numbers the model {connection.model!r} takes is unknown: nrti did not publish it",
            hint="name another with --model",
        )
    data = [_VALUES[position % len(_VALUES)] for position in range(connection.length)]
    return {"sensor": _SENSOR, "model": connection.model, "data": data}


def environment(connection: Connection) -> str:
    """Lines for `eval` in a POSIX shell."""
    variables = {
        "NRTI_EVENTS_URL": connection.events_url,
        "NRTI_PREDICTIONS_URL": connection.predictions_url,
        "NRTI_MODEL": connection.model,
        KEY_VARIABLE: connection.api_key,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items() if value)
