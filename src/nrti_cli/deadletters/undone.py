"""What a command could not do with dead letters, as one error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError

#: So many kept requests are named, with their reasons.
_NAMED = 5


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
    more = [f"{len(requests) - _NAMED:,} more"] if len(requests) > _NAMED else []
    named = ", ".join([*islice(requests, _NAMED), *more])
    why = "; ".join(dict.fromkeys(islice(requests.values(), _NAMED)))
    what = f"{show_count(len(requests), 'kept request')} cannot be moved into the queue: {named}: {why}"
    hint = (
        "read the kept requests in the artifacts bucket, where they stay, and delete those that are worthless"
    )
    return [Undone(what, hint)]


def unreadable(letters: int) -> list[Undone]:
    """The problem that messages in the queue are not dead letters of the pipeline, if there were any."""
    if not letters:
        return []
    what = f"{show_count(letters, 'message')} in the dead-letter queue cannot be read"
    return [Undone(what, "nrti redrive --reason Unreadable --drop FILE moves them out of the queue")]


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
