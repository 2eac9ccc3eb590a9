"""Models in production: alerts, quality by labels, drift and shadows, as far as a stack has them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from nrti_cli.alerts.report import alerts
from nrti_cli.aws.s3.objects import S3
from nrti_cli.dashboard import outcomes
from nrti_cli.dashboard.drifting import Drift, drifts
from nrti_cli.dashboard.lookup import Lookup
from nrti_cli.dashboard.outcomes import SPAN, WIDTH, Outcomes, Shadows
from nrti_cli.stack.names import artifacts_bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nrti_cli.alerts.report import Alert
    from nrti_cli.aws.target import Target
    from nrti_cli.dashboard.counting import Cost
    from nrti_cli.dashboard.lookup import News
    from nrti_cli.dashboard.views import Choice

#: Seconds between two looks at the alerts, and between two queries; those cost money on AWS, and the one
#: for drift reads the sequences of a day.
_ALERTS, _QUERIES, _QUERIES_AWS, _DRIFT_AWS = 10.0, 60.0, 600.0, 3600.0
_SHADOWS = "shadows/"


class Production:
    """What is known of the models in production.

    Args:
        target: which pipeline.
        lake: its bucket.
        news: wakes those who wait for a result.
        cost: counts the queries.
    """

    def __init__(self, target: Target, lake: str, news: News, cost: Cost) -> None:
        self._target, self._lake, self._cost = target, lake, cost
        self._pause = _QUERIES_AWS if target.name == "aws" else _QUERIES
        self._alerts: list[Alert] = []
        self._outcomes: Outcomes | None = None
        self._shadows: Shadows | None = None
        self._drifts: list[Drift] = []
        self._lookups: tuple[Lookup[Any], ...] = (
            Lookup(partial(alerts, target), self._take_alerts, news),
            Lookup(self._look_up_outcomes, self._take_outcomes, news),
            Lookup(self._look_up_shadows, self._take_shadows, news),
            Lookup(partial(drifts, target), self._take_drifts, news),
        )

    def ask(self) -> None:
        """Has everything looked up for which it is time."""
        for lookup in self._lookups:
            lookup.ask()

    def close(self) -> None:
        """Drops what is being looked up."""
        for lookup in self._lookups:
            lookup.close()

    def document(self, choice: Choice) -> dict[str, Any]:
        """What is known, of what a browser has chosen; a part that the stack does not have is None."""
        return {
            "now": round(datetime.now(UTC).timestamp() * 1000),
            "span": SPAN,
            "width": WIDTH,
            "known": all(lookup.known or lookup.problem for lookup in self._lookups),
            "problems": [lookup.problem for lookup in self._lookups if lookup.problem],
            "alerts": [_shown(alert) for alert in self._alerts],
            "quality": _quality(self._outcomes, choice) if self._outcomes else None,
            "shadows": _agreements(self._shadows, choice) if self._shadows else [],
            "drift": [each.document() for each in self._drifts if choice.model in {None, each.model}],
        }

    def _take_alerts(self, found: list[Alert]) -> float:
        self._alerts = found
        return _ALERTS

    def _look_up_outcomes(self) -> Outcomes | None:
        has_labels = next(S3(self._target).keys(self._lake, "labels/"), None)
        return outcomes.labelled(self._target) if has_labels else None

    def _take_outcomes(self, found: Outcomes | None) -> float:
        self._outcomes = found
        return self._again(found)

    def _look_up_shadows(self) -> Shadows | None:
        keys = S3(self._target).keys(artifacts_bucket(self._target), _SHADOWS)
        models = [key.removeprefix(_SHADOWS).removesuffix(".json") for key in keys]
        return outcomes.shadowed(self._target, models) if models else None

    def _take_shadows(self, found: Shadows | None) -> float:
        self._shadows = found
        return self._again(found)

    def _take_drifts(self, found: list[Drift]) -> float:
        self._drifts = [drift for drift in found if drift.verdict.events]
        for drift in found:
            self._cost.add(drift.dollars)
        return _DRIFT_AWS if self._target.name == "aws" else _QUERIES

    def _again(self, found: Outcomes | Shadows | None) -> float:
        """Counts a query, and returns the seconds until the next one; a look without a query is cheap."""
        if found:
            self._cost.add(found.execution.dollars)
        return self._pause if found else _QUERIES


def _shown(alert: Alert) -> dict[str, Any]:
    return {
        "condition": alert.rule.condition,
        "subject": alert.rule.subject,
        "state": alert.state,
        "active": {name: round(since.timestamp() * 1000) for name, since in alert.active.items()},
        "note": alert.problem or alert.note,
    }


def _quality(found: Outcomes, choice: Choice) -> dict[str, Any] | None:
    """Confusions over time, without those of shadows, and by model and version; None without labels."""
    chosen = {place: cell for place, cell in found.cells.items() if choice.has(place.sensor, place.model)}
    if not chosen:
        return None
    main = ((place.bucket * WIDTH, cell) for place, cell in chosen.items() if not place.shadow)
    models = (((place.model, place.version, place.shadow), cell) for place, cell in chosen.items())
    return {
        "buckets": [[at, *sums] for at, sums in sorted(_sums(main).items())],
        "models": [[*model, *sums] for model, sums in sorted(_sums(models).items())],
    }


def _agreements(found: Shadows, choice: Choice) -> list[dict[str, Any]]:
    """Each pair of a model and its shadow, in all and over time."""
    sums = _sums(((place.model, place.shadow), cell) for place, cell in found.pairs.items())
    return [
        {
            "model": model,
            "shadow": shadow,
            "sums": summed,
            "buckets": sorted(
                [place.bucket * WIDTH, *cell]
                for place, cell in found.pairs.items()
                if (place.model, place.shadow) == (model, shadow)
            ),
        }
        for (model, shadow), summed in sorted(sums.items())
        if choice.model in {None, model, shadow}
    ]


def _sums(cells: Iterable[tuple[Any, Sequence[int]]]) -> dict[Any, list[int]]:
    """The sums of cells with the same place."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for place, cell in cells:
        found[place] = [before + more for before, more in zip(found[place], cell, strict=True)]
    return found
