"""The options of all commands that publish a model."""

from dataclasses import dataclass
from typing import Annotated

import typer

_STEP_MB = 1024


def _memory(megabytes: int | None) -> int | None:
    if megabytes is not None and megabytes % _STEP_MB:
        raise typer.BadParameter(f"{megabytes} is not a multiple of {_STEP_MB}")
    return megabytes


MemoryOption = Annotated[
    int | None,
    typer.Option(
        min=_STEP_MB,
        max=6 * _STEP_MB,
        callback=_memory,
        help="Memory of the endpoint in MB, a multiple of 1024; default: unchanged, initially 2048.",
    ),
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=200, help="Maximum concurrency of the endpoint; default: unchanged, initially 5."
    ),
]
KeepOption = Annotated[
    int, typer.Option(min=1, max=1_000, help="How many endpoint configurations to keep for a rollback.")
]


@dataclass(frozen=True)
class PublishingOptions:
    """The size of the endpoint, None if unchanged, and how many publications to keep."""

    memory: MemoryOption = None
    concurrency: ConcurrencyOption = None
    keep: KeepOption = 5
