"""The report: a self-contained HTML page with the metrics, their intervals and charts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from curves import calibration, over_time, precision_recall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from metrics import Scored
    from numpy.typing import NDArray

_NAMES = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "average precision"}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark; --ink: light-dark(#1d2733, #dde4ec); --soft: light-dark(#66727f, #93a0ae);
  --back: light-dark(#fff, #14191f); --main: light-dark(#1667c4, #6db1ff);
  --bad: light-dark(#c4321c, #ff8069); --rule: light-dark(#d5dbe1, #36404a); }}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  max-width: 920px; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; margin-bottom: 0; }} h2 {{ font-size: 1.05rem; margin: 1.8rem 0 .3rem; }}
p, figcaption {{ color: var(--soft); margin: .2rem 0; }}
.warning {{ color: var(--ink); border-left: 4px solid var(--bad); padding: .2rem .7rem; margin: .5rem 0; }}
table {{ border-collapse: collapse; }} td, th {{ padding: .25rem .9rem .25rem 0; text-align: right;
  border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; font-weight: normal; }}
th {{ color: var(--soft); }} td:first-child, th:first-child {{ text-align: left; }}
.pair {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 1rem; }}
figure {{ margin: 0; }} svg {{ width: 100%; height: auto; }}
svg text {{ fill: var(--soft); font-size: 11px; }} .frame {{ fill: none; stroke: var(--rule); }}
.main {{ fill: none; stroke: var(--main); stroke-width: 2; }} .point {{ fill: var(--main); }}
.guess {{ fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }}
.chosen {{ fill: none; stroke: var(--bad); stroke-width: 2; }}
.normal {{ fill: var(--main); opacity: .35; }} .failure {{ fill: var(--bad); opacity: .8; }}
</style></head><body>
{body}
</body></html>
"""


def render(
    evaluation: dict[str, Any], scored: Scored, times: NDArray[np.int64] | None, title: str = ""
) -> str:
    """The page.

    Args:
        evaluation: the content of evaluation.json.
        scored: the model on the test rows.
        times: of these, in milliseconds; None if they have none.
        title: such as the name of the model.
    """
    parts = [
        f"<h1>{escape(title or 'Evaluation')}</h1>",
        f"<p>{escape(_about(evaluation))}</p>",
        *(f'<p class="warning">{escape(each)}</p>' for each in evaluation["findings"]),
        "<h2>Figures</h2>",
        _figures(evaluation),
        '<div class="pair">',
        _figure("Precision and recall", precision_recall(scored), _curve(evaluation)),
        _figure(
            "Calibration", calibration(scored), "Tenths of the test rows; dashed: probabilities are right."
        ),
        "</div>",
        _figure(
            "Probabilities over time",
            over_time(scored, evaluation["threshold"], times),
            "Red: failures. Blue: other rows. Dashed: the threshold.",
        ),
        "<h2>Confusion matrix</h2>",
        _confusion(evaluation["confusion"]),
        "<h2>Estimators tried</h2>",
        _search(evaluation["search"]),
    ]
    return _PAGE.format(title=escape(title or "Evaluation"), body="\n".join(parts))


def _about(evaluation: dict[str, Any]) -> str:
    rows, split, drawn = evaluation["rows"], evaluation["split"], evaluation["resampled"]
    how = "at random" if split["by"] == "random" else f"by {split['by']}"
    gap = f", with a gap of {split['gap']} rows" if split["gap"] else ""
    return (
        f"{rows['test']:,} test rows, {rows['train']:,} to train and {rows['validation']:,} to choose by. "
        f"Split {how}{gap}. 95 % intervals by bootstrap over {drawn['by']}s, "
        f"{drawn['failures']:,} of which hold failures. Threshold {evaluation['threshold']:.4g}, chosen by "
        f"{evaluation['rule']} on the validation rows. Estimator: {evaluation['search']['chosen']}."
    )


def _figures(evaluation: dict[str, Any]) -> str:
    beside = evaluation["incumbent"]
    compared = beside is not None and "difference" in beside
    heads = ["", "this model", "95 % interval", "base rate"]
    if compared:
        heads += ["in service", "95 % interval", "difference, 95 %"]
    rows = []
    for key, name in _NAMES.items():
        base = f"{evaluation['base_rate']:.4f}" if key == "average_precision" else ""
        row = [name, f"{evaluation[key]:.4f}", _span(evaluation["intervals"][key]), base]
        if compared:
            row += [f"{beside[key]:.4f}", _span(beside["intervals"][key]), _span(beside["difference"][key])]
        rows.append(row)
    known = "The model in service looks better than it is if it was trained on some of these rows."
    note = "" if beside is None else f"<p>{escape(beside.get('reason', known))}</p>"
    return _table(heads, rows) + note


def _span(interval: Sequence[float]) -> str:
    return f"{interval[0]:.4f} to {interval[1]:.4f}"


def _curve(evaluation: dict[str, Any]) -> str:
    return f"Dashed: the base rate, {evaluation['base_rate']:.4f}. Circle: the threshold."


def _confusion(counts: dict[str, int]) -> str:
    heads = ["truth", "predicted 0", "predicted 1"]
    return _table(
        heads,
        [["0", f"{counts['tn']:,}", f"{counts['fp']:,}"], ["1", f"{counts['fn']:,}", f"{counts['tp']:,}"]],
    )


def _search(found: dict[str, Any]) -> str:
    rows = [
        [each["name"], f"{each['average_precision']:.4f}", f"{each['seconds']:.1f} s"]
        for each in found["tried"]
    ]
    left = f"<p>No time was left for {escape('; '.join(found['left']))}.</p>" if found["left"] else ""
    return _table(["", "average precision, validation", "fitted in"], rows) + left


def _figure(title: str, svg: str, caption: str) -> str:
    return f"<figure><h2>{title}</h2>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
