"""Cuts windows of a table's rows, in the same way for training and for sending."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nrti_cli.durations import show_duration
from nrti_cli.tables.faults import unfit
from nrti_cli.tables.schema import Schema
from nrti_cli.tables.signal import Signal, in_order
from nrti_cli.tables.windows import Runs, Windows, cut, runs


@dataclass(frozen=True)
class Cut:
    """Windows of a signal.

    Attributes:
        rows: in order.
        windows: of these rows.
        schema: with the hop and the gap that were used.
        remark: their number, as text.
    """

    rows: Signal
    windows: Windows
    schema: Schema
    remark: str


def cut_windows(shown: str, signal: Signal, schema: Schema) -> Cut:
    """Cuts the windows of all rows.

    Args:
        shown: the file's name for messages.
        signal: its rows.
        schema: with a window.

    Raises:
        NrtiError: there is none.
    """
    assert schema.window  # noqa: S101 (for the type checker)
    rows, hop = in_order(signal), schema.hop or schema.window
    if schema.max_gap and rows.times is None:
        raise unfit(shown, "has no times, which --max-gap needs", "name their column with --time")
    found = runs(len(rows.values), rows.groups, rows.times, schema.max_gap)
    windows = cut(rows.values, found, schema.window, hop)
    if not len(windows):
        longest = int(found.lengths.max())
        what = f"has no window of {schema.window} rows; at most {longest} are consecutive without a gap"
        raise unfit(shown, what, "use a smaller --window, or a larger --max-gap")
    settled = replace(schema, hop=hop, max_gap=found.limit / 1000 if found.limit else None)
    return Cut(rows, windows, settled, _described(windows, found, hop))


def _described(windows: Windows, found: Runs, hop: int) -> str:
    summary = f"{len(windows):,} windows of {windows.size} rows, one every {hop}"
    if not found.gaps or not found.limit:
        return summary
    gaps = "gap" if found.gaps == 1 else f"{found.gaps:,} gaps"
    return f"{summary}; none spans the {gaps} of more than {show_duration(found.limit / 1000)}"
