"""The command `nrti redrive`."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.confirmation import YesOption, confirm
from nrti_cli.completion import offers
from nrti_cli.console import note, progress
from nrti_cli.counts import show_count
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.kept import Moved
    from nrti_cli.deadletters.letter import Letter
    from nrti_cli.deadletters.report import Report
    from nrti_cli.deadletters.sweep import Sweep
    from nrti_cli.deadletters.undone import Undone
    from nrti_cli.stack.outputs import Outputs


class _Choice(NamedTuple):
    """The selected letters: the queues, a filter and the maximum number.

    `moved` has the ids of the letters that this command itself has sent.
    """

    target: "Target"
    stack: "Outputs"
    wanted: "Callable[[Letter], bool]"
    limit: int | None
    moved: frozenset[str] = frozenset()


@addressed
def redrive(
    target: "Target",
    reason: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=offers.reasons,
            help="Only letters with this reason, such as UnknownModel; repeat it for several.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(autocompletion=offers.models, help="Only letters with an event for this model."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=10**12, help="Maximum number of letters, to try a few first."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, max=100_000, help="Maximum number of events per second; default: no limit."),
    ] = None,
    drop: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE",
            help="Send nothing; append the letters to FILE and delete them from the queue.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the dead letters.")] = False,
    yes: YesOption = False,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="A table or JSON.")] = "table",
) -> None:
    """Send dead letters through the pipeline again, or drop them.

    A letter is deleted from the queue once all of its events are stored, under their original keys.
    A letter that fails again for the same reason stays; for a new reason, a new letter replaces it.
    An interruption loses nothing: letters in progress become visible again within two minutes.
    Requests that the queue refused are kept in S3; they are moved into the queue first.
    The exit code is 1 if some still fail, or if another command held some.

    With --drop, nothing is sent. The file has a JSON line for each letter, with its reason; nrti produce
    --input reads the events from it, after you have corrected them. A line of labels
    has them under "labels"; post them again.
    """
    from nrti_cli.commands.output.deadletters import show
    from nrti_cli.deadletters.report import Report
    from nrti_cli.deadletters.sweep import LetterFilter
    from nrti_cli.deadletters.undone import held, refused, require_all_done
    from nrti_cli.stack.outputs import outputs

    if drop and rate:
        raise UsageError("--rate applies to sending", hint="leave it out together with --drop")
    choice, report = (
        _Choice(target, outputs(target), LetterFilter(frozenset(reason or ()), model), limit),
        Report(),
    )
    moved = None if dry_run else _move(choice)
    choice = choice._replace(moved=frozenset(moved.letters)) if moved else choice
    try:
        if dry_run:
            _look(choice, report)
        elif drop:
            _drop(choice, drop, report, yes=yes)
        else:
            _redrive(choice, rate, report)
    except BaseException:
        if report.lines() and not dry_run:  # what was done before
            show(report, format_)
        raise
    show(report, format_)
    require_all_done([*_failed(report), *held(report.held), *(refused(moved.refused) if moved else [])])


def _failed(report: "Report") -> "list[Undone]":
    """The problem that letters failed again, if some did."""
    from nrti_cli.deadletters.undone import Undone

    if not report.failures:
        return []
    events = show_count(report.total("failing")[1], "event")
    stay = "stays" if report.failures == 1 else "stay"
    return [
        Undone(
            f"of {show_count(report.tries, 'dead letter')} tried, {report.failures:,} failed again "
            f"with {events} and {stay} in the queue",
            "publish the models they name and redrive again; wrong events and labels stay wrong: take "
            "them out with --drop FILE",
        )
    ]


def _move(choice: _Choice) -> "Moved":
    """Moves the requests that the queue had refused into it."""
    from nrti_cli.aws.sqs import Queue
    from nrti_cli.deadletters.kept import KeptRequests, Moved

    queue, moved = Queue(choice.target, choice.stack.dead_letter_queue_url), Moved()
    try:
        with progress("moving the requests that the queue had refused into it …"):
            KeptRequests(choice.target).move(queue, moved)
    finally:
        if moved.letters:
            note(f"{show_count(len(moved.letters), 'request')} that the queue had refused moved into it")
    return moved


def _counted(letters: int, events: int) -> str:
    return f"{show_count(letters, 'dead letter')} with {show_count(events, 'event')}"


@contextmanager
def _swept(choice: _Choice, report: "Report") -> "Iterator[tuple[Sweep, Iterator[Letter]]]":
    """The selected letters. Those that were received but not handled become visible again at the end."""
    from nrti_cli.aws.sqs import Queue
    from nrti_cli.deadletters.sweep import Sweep

    sweep = Sweep(Queue(choice.target, choice.stack.dead_letter_queue_url), moved=choice.moved)
    try:
        yield sweep, _selected(choice, report, sweep.letters())
        report.left_out(sweep.unread(), choice.limit)
    finally:
        sweep.end()


def _selected(choice: _Choice, report: "Report", letters: "Iterator[Letter]") -> "Iterator[Letter]":
    """The letters that the options select, up to the limit; the report counts them and the others."""
    for letter in letters:
        if not choice.wanted(letter):
            report.passed_over += 1
            continue
        report.selected += 1
        yield letter
        if report.selected == choice.limit:
            return


def _look(choice: _Choice, report: "Report") -> None:
    """Counts the letters, with those that the queue refused."""
    from nrti_cli.deadletters.kept import every_letter
    from nrti_cli.deadletters.sweep import HIDE_FOR

    with every_letter(choice.target, choice.stack.dead_letter_queue_url, HIDE_FOR) as (kept, sweep):
        left = iter(kept)
        for letter in _selected(choice, report, chain(left, sweep.letters())):
            report.found(letter)
        report.left_out(len(list(left)) + sweep.unread(), choice.limit)


def _drop(choice: _Choice, file: Path, report: "Report", *, yes: bool) -> None:
    from nrti_cli.deadletters.drop import Archive, drop

    with closing(Archive(file)) as archive:
        if not yes:
            choice = _confirmed(choice, file)
        with _swept(choice, report) as (sweep, letters), progress("dropping …") as shown:
            drop(
                sweep,
                letters,
                archive,
                report,
                lambda: shown.update(f"dropped {show_count(report.total('dropped')[0], 'letter')}"),
            )


def _confirmed(choice: _Choice, file: Path) -> _Choice:
    """The letters that were shown to the user and are to be dropped."""
    from rich.markup import escape

    from nrti_cli.deadletters.report import Report

    seen, ids = Report(), set()
    with _swept(choice, seen) as (_, letters):
        for letter in letters:
            seen.found(letter)
            ids.add(letter.message.id)
    if ids:
        note(f"{_counted(*seen.total('found'))}: {escape(seen.reasons())}")
        confirm(f"Move them out of the queue to {file}?", "the removal", yes=False)
    return choice._replace(wanted=lambda letter: letter.message.id in ids)


def _redrive(choice: _Choice, rate: float | None, report: "Report") -> None:
    from nrti_cli.aws.dynamodb.items import PredictionItems
    from nrti_cli.aws.stepfunctions import Workflow
    from nrti_cli.deadletters.attempt import Attempt
    from nrti_cli.deadletters.redrive import RateLimit, redrive

    attempt = Attempt(
        Workflow(choice.target, choice.stack.state_machine_arn),
        PredictionItems(choice.target, choice.stack.table),
        Workflow(choice.target, choice.stack.labels_state_machine_arn),
    )
    with _swept(choice, report) as (sweep, letters), progress("redriving …") as shown:

        def show_progress() -> None:
            done, failing = report.total("redriven")[0], report.total("failing")[0]
            shown.update(f"redriven {show_count(done, 'letter')}, failing {failing:,}")

        redrive(sweep, letters, attempt, RateLimit(rate), report, show_progress, _show_wait)


def _show_wait(executions: int) -> None:
    note(f"waiting for {show_count(executions, 'execution')} in progress …")
