"""The command `nrti forget`."""

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed, moment, sensors
from nrti_cli.commands.options.confirmation import YesOption, confirm
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import note, out, progress
from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.forgetting.records import Scope
    from nrti_cli.forgetting.run import Forgetting, Found, Tally


@addressed
def forget(
    target: "Target",
    sensor: Annotated[
        str,
        typer.Option(callback=sensors, autocompletion=offers.sensors, help="The sensor to forget."),
    ],
    before: Annotated[datetime | None, moment("Only events before this time; default: all of them.")] = None,
    yes: YesOption = False,
    format_: FormatOption = "table",
) -> None:
    """Delete a sensor's data from table, lake and dead letters.

    This deletes its items in the table, its rows and labels in the lake (the files are rewritten without
    them), and its events in dead letters. Events that arrive later are stored again.

    If a run is interrupted, the next one completes it. The exit code is 1 if nothing is stored for the
    sensor, or if at the end rows were still on their way to the lake, or dead letters could not be read.
    Backups, logs, query results and training data stay: docs/production.md says for how long.
    """
    from nrti_cli.forgetting.records import Scope
    from nrti_cli.forgetting.run import Forgetting, milliseconds
    from nrti_cli.stack.health import delivery_time
    from nrti_cli.stack.outputs import outputs

    now = datetime.now(UTC)
    if before and before > now:
        raise UsageError("--before is in the future", hint="leave it out to forget all that is stored")
    stack = outputs(target)
    scope = Scope(sensor, milliseconds(now), milliseconds(before) if before else None)
    forgetting = Forgetting(target, stack, scope, delivery_time(target))
    with progress(f"looking for {sensor!r} …"):
        found = forgetting.find()
    if found:
        confirm(f"Delete {_summary(found)} of sensor {sensor!r}?", "the deletion", yes=yes)
        try:
            _delete(forgetting, found)
        except BaseException:
            if forgetting.deleted:  # before it failed or was interrupted
                _show(forgetting.deleted, scope, format_)
            raise
    else:
        _require_forgotten(target, scope, found)
    _show(forgetting.deleted, scope, format_)
    _require_all(forgetting.deleted)
    note("[green]forgotten[/green]" if forgetting.deleted else "nothing more to forget")


def _summary(found: "Found") -> str:
    rows = [f"{show_count(count, 'row')} of {name}" for name, count in found.rows.items() if count]
    events = found.letters.events
    letters = [f"{show_count(events, 'event')} in dead letters"] if events else []
    return ", ".join([show_count(len(found.items), "item"), *rows, *letters])


def _require_forgotten(target: "Target", scope: "Scope", found: "Found") -> None:
    """Fails if nothing was found of a sensor, unless it was forgotten before.

    Raises:
        NrtiError: it was not, or dead letters that could not be read may have more.
    """
    from nrti_cli.deadletters.undone import require_all_done
    from nrti_cli.forgetting.records import forgotten

    require_all_done(found.letters.problems())
    if not forgotten(target).knows(scope.sensor):
        raise NrtiError(
            f"nothing is stored for sensor {scope.sensor!r}" + (" before that time" if scope.before else ""),
            hint="nrti query 'select distinct sensor from predictions' lists the sensors",
        )


def _delete(forgetting: "Forgetting", found: "Found") -> None:
    with progress("deleting …") as shown, closing(forgetting.delete(found)) as steps:
        for so_far in steps:
            waiting = f"; waiting for {so_far.undelivered:,} on their way to the lake"
            shown.update(
                f"deleted {show_count(so_far.items, 'item')} and {show_count(so_far.rows.total(), 'row')}"
                f"{waiting if so_far.undelivered else ''}"
            )


def _show(deleted: "Tally", scope: "Scope", format_: str) -> None:
    if format_ == "json":
        print_json(
            {
                "sensor": scope.sensor,
                "before": None if scope.before is None else datetime.fromtimestamp(scope.before / 1000, UTC),
                "items": deleted.items,
                "rows": dict(deleted.rows),
                "objects": deleted.objects,
                "dead_letter_events": deleted.letters,
                "held_letters": deleted.left.unread,
                "unreadable_letters": deleted.left.unreadable,
                "refused_requests": len(deleted.left.refused),
                "undelivered": deleted.undelivered,
            }
        )
    else:
        lines = {"items": deleted.items, **{f"rows of {name}": count for name, count in deleted.rows.items()}}
        lines |= {"files rewritten": deleted.objects, "events in dead letters": deleted.letters}
        for name, count in lines.items():
            out().print(f"{name:<24} {count:>10,}", soft_wrap=True, markup=False)


def _require_all(deleted: "Tally") -> None:
    """Fails if some may be left.

    Raises:
        NrtiError: says what, and what to do.
    """
    from nrti_cli.deadletters.undone import Undone, require_all_done

    late = [
        Undone(
            f"{show_count(deleted.undelivered, 'row')} had not reached the lake",
            "run it again once nrti status shows that the lake has caught up",
        )
    ]
    require_all_done([*(late if deleted.undelivered else []), *deleted.left.problems()])
