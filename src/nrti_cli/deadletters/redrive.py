"""Sends dead letters through the pipeline again; each is deleted once all of its events are stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.deadletters.attempt import EVENTS_AT_ONCE, Attempt, LetterOutcome
from nrti_cli.deadletters.letter import Letter
from nrti_cli.deadletters.report import Report
from nrti_cli.deadletters.sweep import Sweep

#: Concurrent executions. A workflow allows thousands, but a new endpoint only few.
_AT_A_TIME = 8

Tried = list[tuple[Letter, LetterOutcome]]


@dataclass(frozen=True)
class RateLimit:
    """Limits the rate of events.

    Attributes:
        rate: events per second, None for no limit.
    """

    rate: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def of(self, loads: Iterable[list[Letter]]) -> Iterator[list[Letter]]:
        """Yields the loads, each when it is due."""
        due = self.clock()
        for load in loads:
            if self.rate and (early := due - self.clock()) > 0:
                self.sleep(early)
            yield load
            if self.rate:
                due += sum(len(letter.events) for letter in load) / self.rate


def redrive(
    sweep: Sweep,
    letters: Iterable[Letter],
    attempt: Attempt,
    limit: RateLimit,
    report: Report,
    on_progress: Callable[[], None],
    on_wait: Callable[[int], None],
) -> None:
    """Redrives the letters of a sweep concurrently, and records the outcomes in the report.

    `on_progress` is called after each change of the report. If it ends early, by an interrupt or an error,
    the executions in progress are completed first; `on_wait` is called with their number, if there are any.
    """
    running: set[Future[Tried]] = set()
    pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="redrive")

    def collect(futures: Iterable[Future[Tried]]) -> None:
        for future in futures:
            with interrupt_held():
                running.discard(future)
                for letter, outcome in future.result():
                    report.tried(letter, outcome)
        on_progress()

    try:
        for load in limit.of(_loads(letters)):
            with interrupt_held():
                running.add(pool.submit(_try, sweep, attempt, load))
            if len(running) >= 2 * _AT_A_TIME:
                collect(wait(running, return_when=FIRST_COMPLETED).done)
        while running:
            collect(wait(running, return_when=FIRST_COMPLETED).done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if in_progress := sum(each.running() for each in running):
            on_wait(in_progress)
        pool.shutdown()
        collect([each for each in running if not each.cancelled() and not each.exception()])


def _loads(letters: Iterable[Letter]) -> Iterator[list[Letter]]:
    """Groups letters for one execution each, by their number of events; at least one letter per group."""
    load: list[Letter] = []
    events = 0
    for letter in letters:
        if load and events + len(letter.events) > EVENTS_AT_ONCE:
            yield load
            load, events = [], 0
        load.append(letter)
        events += len(letter.events)
    if load:
        yield load


def _try(sweep: Sweep, attempt: Attempt, load: list[Letter]) -> Tried:
    tried = list(zip(load, attempt(load), strict=True))
    sweep.remove(*(letter for letter, outcome in tried if outcome and not any(outcome)))
    for letter, outcome in tried:
        if successors := _successors(letter, outcome):
            sweep.replace(letter, *successors)
    return tried


def _successors(letter: Letter, outcome: LetterOutcome) -> list[Letter]:
    """New letters for the events that are not stored, if their reason has changed."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for event, failure in zip(letter.events, outcome, strict=True):
        if failure:
            verdict = failure if failure.judged else letter
            # The same reason may have different causes.
            cause = letter.cause if verdict.error == letter.error else verdict.cause
            groups.setdefault((verdict.error, cause), []).append(event)
    if len(groups.get((letter.error, letter.cause), [])) == len(letter.events):
        return []
    return [
        replace(letter, error=error, cause=cause, events=tuple(events))
        for (error, cause), events in groups.items()
    ]
