"""Counts dead letters by outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from nrti_cli.deadletters.attempt import LetterOutcome
from nrti_cli.deadletters.letter import Letter


class Line(NamedTuple):
    """The group in which letters are counted.

    Attributes:
        outcome: `found` for letters that were only read.
        reason: why the events were, or still are, not stored.
        model: the models of the letter's events.
    """

    outcome: Literal["found", "redriven", "failing", "dropped"]
    reason: str
    model: str


@dataclass
class Report:
    """Counts letters and events, with an example for each reason.

    Attributes:
        letters: that were handled.
        selected: letters that were selected, and `passed_over` those that were not.
        kept: letters that were only read, in S3, because the queue refused them.
        tries: letters that were redriven, and `failures` those of them that failed again.
        beyond_limit: letters that were not looked at, because the limit was reached.
        held: letters that were not looked at, because another command held them.
    """

    letters: Counter[Line] = field(default_factory=Counter)
    events: Counter[Line] = field(default_factory=Counter)
    causes: dict[Line, str] = field(default_factory=dict)
    selected: int = 0
    passed_over: int = 0
    kept: int = 0
    tries: int = 0
    failures: int = 0
    beyond_limit: int = 0
    held: int = 0

    def found(self, letter: Letter) -> None:
        """Counts a letter that was only read."""
        self.kept += letter.is_kept
        self._count(Line("found", letter.error, _models(letter)), len(letter.events), letter.cause)

    def dropped(self, letter: Letter) -> None:
        """Counts a letter that was dropped."""
        self._count(Line("dropped", letter.error, _models(letter)), len(letter.events), letter.cause)

    def tried(self, letter: Letter, outcome: LetterOutcome) -> None:
        """Counts a letter that was redriven; some of its events may be stored and others not."""
        self.tries += 1
        if outcome and not any(outcome):
            self._count(Line("redriven", letter.error, _models(letter)), len(outcome), "")
            return
        self.failures += 1
        if stored := outcome.count(None):
            self.events[Line("redriven", letter.error, _models(letter))] += stored
        failures = [failure for failure in outcome if failure]
        reasons = Counter(failure.error for failure in failures) or {letter.error: 0}
        for reason, events in reasons.items():
            cause = next((each.cause for each in failures if each.error == reason), letter.cause)
            self._count(Line("failing", reason, _models(letter)), events, cause)

    def left_out(self, letters: int, limit: int | None) -> None:
        """Counts letters that were not looked at: beyond the limit, or held by another command."""
        if self.selected == limit:
            self.beyond_limit += letters
        else:
            self.held += letters

    def _count(self, line: Line, events: int, cause: str) -> None:
        self.letters[line] += 1
        self.events[line] += events
        self.causes.setdefault(line, cause)

    def total(self, outcome: str) -> tuple[int, int]:
        """The number of letters and events with an outcome."""
        letters = sum(count for line, count in self.letters.items() if line.outcome == outcome)
        events = sum(count for line, count in self.events.items() if line.outcome == outcome)
        return letters, events

    def reasons(self) -> str:
        """The number of letters by reason, most frequent first."""
        reasons: Counter[str] = Counter()
        for line, count in self.letters.items():
            reasons[line.reason] += count
        return ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common())

    def lines(self) -> list[Line]:
        """The lines of the report, in order."""
        return sorted(self.letters | self.events)


def _models(letter: Letter) -> str:
    return ", ".join(letter.models)
