"""The output of `nrti drift`: the verdict first, then what drifted most."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nrti_cli.commands.output.rows import Head, show_table
from nrti_cli.console import out, print_dimmed
from nrti_cli.counts import show_count

if TYPE_CHECKING:
    from nrti_cli.drift.check import Report
    from nrti_cli.remote.alerts_function.drift import Finding, Verdict

#: Rows of the table, and sensors in a line.
_MOST, _MOST_SENSORS = 10, 5
#: The time step in the name of a value in a window.
_STEP = re.compile(r"\[\d+\]$")
_HEADS = (
    Head("value"),
    Head("change"),
    Head("KS", number=True),
    Head("PSI", number=True),
    Head("outside", number=True),
    Head("missing", number=True),
)


def show(report: "Report", *, billed: bool) -> None:
    """Prints the verdict, a table of what drifted, and a line for each other finding."""
    from rich.markup import escape

    out().print(_headline(report), soft_wrap=True)
    out().print(_events(report), soft_wrap=True)
    found = report.verdict
    if found and found.state == "drift":
        _show_table(found.drifted)
    for line in filter(None, (*(_verdict_lines(found) if found else ()), *_arrival_lines(report))):
        out().print(escape(line), soft_wrap=True)
    cost = f" · about ${report.dollars:.5f}" if billed else ""
    print_dimmed(f"{report.scanned / 1e6:.1f} MB scanned{cost}")


def _headline(report: "Report") -> str:
    from rich.markup import escape

    whose = escape(f"{report.model} {report.version or ''}".rstrip())
    return f"{_state(report)}: {whose}, compared to {report.baseline}"


def _state(report: "Report") -> str:
    if report.problems:
        return f"[bold red]{', '.join(report.problems)}[/]"
    if report.verdict is None:
        return "[yellow]no baseline yet[/]"
    return "[green]no drift[/]" if report.verdict.state == "stable" else "[yellow]too few events[/]"


def _events(report: "Report") -> str:
    found, period = report.verdict, f"{report.period} (UTC)"
    if found is None:
        return f"a baseline needs {show_count(report.awaited, 'more event')}"
    events = show_count(found.events, "event")
    if found.state != "too_few_events":
        return f"{events}, {period}"
    if found.needed is None:
        return f"{events}, {period}; the baseline is too small for any number"
    return f"{found.events:,} of at least {found.needed:,} events, {period}"


def _show_table(drifted: "Sequence[Finding]") -> None:
    """Prints a row for each value, and one for all time steps of a channel."""
    groups: dict[str, list[Finding]] = {}
    for finding in drifted:
        groups.setdefault(_STEP.sub("", finding.name), []).append(finding)
    show_table(_HEADS, [_row(name, some) for name, some in list(groups.items())[:_MOST]])
    if len(groups) > _MOST:
        out().print(f"and {len(groups) - _MOST:,} more: nrti drift --format json", soft_wrap=True)


def _row(name: str, some: "Sequence[Finding]") -> list[str]:
    worst = some[0]
    reasons = ", ".join(dict.fromkeys(reason for each in some for reason in each.reasons))
    steps = "" if worst.name == name else f" ({len(some)} steps)"
    return [
        name + steps,
        reasons,
        f"{worst.ks:.3f}",
        f"{worst.psi:.2f}",
        f"{worst.below + worst.above:.1%}",
        f"{worst.missing:.1%}",
    ]


def _verdict_lines(found: "Verdict") -> tuple[str, ...]:
    if found.state == "too_few_events":
        return ()
    rate, expected = (f"{share or 0:.2%}" for share in (found.rate, found.expected_rate))
    inputs = found.findings[1:]
    largest = max(inputs, key=lambda each: each.ks, default=None)
    undecided = [each.needed for each in inputs if not each.is_decided and not each.reasons]
    return (
        f"failures: {rate} of the predictions, {expected} in the baseline",
        f"largest difference: {largest.name}, KS {largest.ks:.3f}" if largest and not found.drifted else "",
        _undecided(undecided),
    )


def _undecided(needed: "Sequence[int | None]") -> str:
    """Values that depend on their neighbours so much that there are too few."""
    if not needed:
        return ""
    numbers = [each for each in needed if each is not None]
    values = f"{len(needed):,} value{'' if len(needed) == 1 else 's'}"
    enough = f", needed are {max(numbers):,}" if numbers else " in the baseline"
    return f"undecided: {values} with too few independent events{enough}"


def _arrival_lines(report: "Report") -> tuple[str, ...]:
    silent, letters = report.silent, report.dead_letters
    named = ", ".join(silent[:_MOST_SENSORS])
    more = f" and {len(silent) - _MOST_SENSORS:,} more" if len(silent) > _MOST_SENSORS else ""
    return (
        f"silent sensors: {named}{more}" if silent else "",
        f"dead letters: {letters.letters:,} of {letters.requests:,} requests, all models"
        if letters.letters
        else "",
    )
