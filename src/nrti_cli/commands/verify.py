"""The command `nrti verify`."""

import json
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options.common import addressed, moment, span
from nrti_cli.console import progress
from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.verify.account import Account
    from nrti_cli.verify.deleted import Deleted
    from nrti_cli.verify.places import TimeRange

_DAY_MS = 86_400_000


@addressed
def verify(
    target: "Target",
    *,
    since: Annotated[
        datetime | None,
        moment("Only events from this time on; default: all of the ledger, or 1d."),
    ] = None,
    until: Annotated[
        datetime | None,
        moment("Only events up to this time."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="The file of nrti produce --ledger; each of its events is looked up."
        ),
    ] = None,
    wait: Annotated[float, span("How long to wait for delivery to the lake.")] = "2m",  # type: ignore[assignment]  # Typer parses it
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Deliver again what the lake still lacks after --wait."),
    ] = False,
    format_: Annotated[
        Literal["table", "json"],
        typer.Option("--format", help="A table with some of the missing events, or JSON with all."),
    ] = "table",
) -> None:
    """Check that no accepted event is lost or duplicated.

    An event is accounted for if it is stored and in the lake, or dead-lettered.
    With a ledger, each accepted event is looked up by its id. Without one, the table is compared with the
    lake, and the number of executions of the workflow is shown.
    Expired and forgotten events are counted, but not looked up.
    Events are selected by their own timestamp.
    The exit code is 1 if events are missing or duplicated.
    """
    from nrti_cli.commands.output.verify import record, show
    from nrti_cli.stack.outputs import outputs
    from nrti_cli.verify.deleted import Deleted
    from nrti_cli.verify.places import Places
    from nrti_cli.verify.repair import repair as put_again
    from nrti_cli.verify.run import DeliveryWait, executions
    from nrti_cli.verify.run import verify as run

    first, last = _bounds(since, until)
    if ledger is not None:
        _require_events(ledger, first, last)
    stack, now = outputs(target), datetime.now(UTC)
    deleted = Deleted.of(target, now)
    account, range_ = _account(ledger, first, last, deleted)
    places = Places(target, stack, range_, lambda item: deleted.is_expired(item, now))
    with progress("looking for events …") as shown:
        look = partial(run, account, places, DeliveryWait(wait), lambda seen: shown.update(_progress(seen)))
        look()
        if repair and account.figures().undelivered:
            again = put_again(target, stack, account)
            shown.log(f"delivering {show_count(again, 'stored prediction')} to the lake again")
            look()
    count = None if ledger else executions(target, stack, range_)
    if format_ == "json":
        print(json.dumps(record(account, range_, count), indent=2))
    else:
        show(account, range_, count)
    _judge(account)


def _bounds(since: datetime | None, until: datetime | None) -> tuple[int | None, int | None]:
    first, last = (None if at is None else round(at.timestamp() * 1000) for at in (since, until))
    if first is not None and last is not None and first > last:
        raise UsageError("--since is later than --until", hint="use an earlier time with --since")
    return first, last


def _require_events(ledger: Path, first: int | None, last: int | None) -> None:
    """Checks a ledger before AWS is asked."""
    from nrti_cli.ledger import read_ledger
    from nrti_cli.verify.run import in_period

    if not any(in_period(entry, first, last) for entry in read_ledger(ledger)):
        raise _nothing_in(ledger, limited=first is not None or last is not None)


def _account(
    ledger: Path | None, first: int | None, last: int | None, deleted: "Deleted"
) -> "tuple[Account, TimeRange]":
    from nrti_cli.ledger import read_ledger
    from nrti_cli.verify.account import Account
    from nrti_cli.verify.places import TimeRange
    from nrti_cli.verify.run import of_ledger

    if ledger is not None:
        return of_ledger(read_ledger(ledger), first, last, deleted.reason)
    now = round(time.time() * 1000)
    return Account(has_ledger=False), TimeRange(
        first if first is not None else now - _DAY_MS, now if last is None else last
    )


def _nothing_in(ledger: Path, *, limited: bool) -> NrtiError:
    if limited:
        return NrtiError(f"{ledger} has no events of that time", hint="leave out --since and --until")
    return NrtiError(f"{ledger} is empty: no event was accepted", hint="send some with nrti produce --ledger")


def _progress(account: "Account") -> str:
    figures = account.figures()
    return (
        f"{figures.stored:,} stored, {figures.delivered:,} of them in the lake, "
        f"{figures.dead:,} dead-lettered, {figures.missing:,} missing"
    )


def _judge(account: "Account") -> None:
    from nrti_cli.deadletters.undone import Undone, held, require_all_done

    figures = account.figures()
    wrong = {
        "are missing": figures.missing,
        "are stored and not in the lake": figures.undelivered,
        "are in the lake twice": figures.duplicates,
    }
    if problems := ", ".join(f"{count:,} {what}" for what, count in wrong.items() if count):
        hint = "nrti verify --repair puts the stored ones there" if figures.undelivered else ""
        unread = held(account.unread_letters) if figures.missing else []
        require_all_done([Undone(f"of {len(account.events):,} events, {problems}", hint), *unread])
