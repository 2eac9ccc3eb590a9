"""What a command could not do with dead letters, as one error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError


class Undone(NamedTuple):
    """A problem, and what to do about it."""

    what: str
    hint: str


def held(letters: int) -> list[Undone]:
    """The problem that another command held letters, if there were any."""
    if not letters:
        return []
    what = f"{show_count(letters, 'dead letter')} held by another command could not be read"
    return [Undone(what, "run it again once nrti status shows none held")]


def refused(requests: Mapping[str, str]) -> list[Undone]:
    """The problem that kept requests cannot be moved into the queue, by their keys with the reasons."""
    if not requests:
        return []
    key, why = next(iter(requests.items()))
    what = f"{show_count(len(requests), 'kept request')} cannot be moved into the queue: {key}: {why}"
    return [Undone(what, "read it in the artifacts bucket, where it stays, and delete it if it is worthless")]


def require_all_done(problems: Iterable[Undone]) -> None:
    """Fails if there are problems.

    Raises:
        NrtiError: names all.
    """
    found = list(problems)
    if found:
        raise NrtiError(
            "; ".join(each.what for each in found), hint="; ".join(each.hint for each in found if each.hint)
        )
